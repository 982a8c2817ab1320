"""tqdm in its several places."""

from tqdm.std import tqdm, trange

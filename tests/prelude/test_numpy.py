"""numpy beside the prelude's: which acts change the memory that a saved tensor shares with an array.

Torch says nothing; what it is asked is the gradient, with the act and without.
"""

from __future__ import annotations

import pytest
import torch

from gradguard.analysis.files import analyse_file
from gradguard.interpreter.program import NoFiles
from gradguard.tape.hazards import SilentlyOverwritten
from gradguard.text.source import SourceFile

PROGRAM = """\
import numpy as np
import torch

np.random.seed(0)
w = torch.ones(3, requires_grad=True)
a = np.array([0.5, 0.7, 0.6], dtype=np.float32)
other = np.zeros(3, dtype=np.float32)
x = torch.from_numpy(a)
loss = (w * x).sum()
{act}
loss.backward()
"""
ACTS = """
a[0] = 7
a[1:] = 7
a[:] = 0
a += 1
a *= other
a.fill(0)
a.sort()
np.add(a, 1, out=a)
np.multiply(other, other, out=a)
np.exp(other, out=a)
np.clip(a, 0, 0.1, out=a)
np.copyto(a, other)
np.put(a, [0], 9)
np.random.shuffle(a); a[0] = 9
np.random.default_rng(0).shuffle(a); a[0] = 9
a.reshape(3, 1)[0] = 7
a.T[0] = 7
a[1:][0] = 7
np.expand_dims(a, 0)[0] = 7
np.reshape(a, (1, 3))[0] = 7
np.ravel(a)[0] = 7
np.asarray(x)[0] = 7
x.numpy()[0] = 7
torch.as_tensor(a).zero_()
torch.from_numpy(a)[0] = 7
np.array(x)[0] = 7
np.array(a)[0] = 7
a.copy()[0] = 7
a.astype(np.float64)[0] = 7
torch.tensor(a).zero_()
np.exp(a)
np.add(a, 1)
np.add(a, 1, out=other)
np.copyto(other, a)
np.copy(a)[0] = 7
a = a + 1
a[[0, 1]].fill(7)
np.concatenate([a, other])[0] = 7
np.stack([a, other])[0] = 7
np.zeros_like(a)[0] = 7
""".strip().splitlines()


@pytest.mark.parametrize("act", ACTS)
def test_act_reaches_the_saved_tensor_as_in_torch(act: str) -> None:
    analysis = analyse_file(SourceFile("main.py", PROGRAM.format(act=act), 0), NoFiles())
    silent = [found for found in analysis.found if isinstance(found.hazard, SilentlyOverwritten)]
    assert bool(silent) == (not torch.equal(_gradient(act), _gradient("")))


def _gradient(act: str) -> torch.Tensor:
    names: dict[str, object] = {}
    exec(PROGRAM.format(act=act), names)
    leaf = names["w"]
    assert isinstance(leaf, torch.Tensor)
    assert leaf.grad is not None
    return leaf.grad

"""einops: reshapes and permutes as the pattern says; a view where torch's reshape gives one."""

import _gradguard as gg


def _parsed(side):
    """The axes of one side: a name, or a list of names for a group in parentheses."""
    groups = []
    open_group = None
    for word in side.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            open_group = []
        elif word == ")":
            groups.append(open_group)
            open_group = None
        elif open_group is not None:
            open_group.append(word)
        else:
            groups.append(word)
    return groups


def _flat(groups):
    return [name for group in groups for name in (group if isinstance(group, list) else [group])]


def _sizes_of(groups, shape, sizes):
    """The size of each axis on the left; of one axis in a group it may follow from the others."""
    sizes = dict(sizes)
    for group, size in zip(groups, shape):
        if not isinstance(group, list):
            sizes[group] = size
            continue
        missing = [name for name in group if name not in sizes and name != "1"]
        for name in group:
            if name in sizes or name == "1":
                size = size // sizes.get(name, 1)
        for name in missing:
            sizes[name] = size if len(missing) == 1 else gg.unknown()
    return sizes


def _size(group, sizes):
    total = 1
    for name in group if isinstance(group, list) else [group]:
        total = total * (1 if name == "1" else sizes[name])
    return total


def _spelt_out(pattern, rank):
    """The pattern with a name for each axis that the dots stand for."""
    named = [group for group in _parsed(pattern.split("->")[0]) if group != "..."]
    return pattern.replace("...", " ".join([f"axis{index}" for index in range(rank - len(named))]))


def _taken_apart(tensor, pattern, sizes):
    """The tensor with one dimension for each axis on the left, the axes on both sides, and all sizes."""
    pattern = _spelt_out(pattern, tensor.dim()) if "..." in pattern else pattern
    left, right = [_parsed(side) for side in pattern.split("->")]
    sizes = _sizes_of(left, tensor.shape, sizes)
    axes = _flat(left)
    if any(isinstance(group, list) for group in left):
        tensor = tensor.reshape([_size(name, sizes) for name in axes])
    return tensor, axes, right, sizes


def _put_together(tensor, axes, right, sizes):
    wanted = [name for name in _flat(right) if name != "1"]
    axes = [name for name in axes if name != "1"]
    if axes != wanted:
        tensor = tensor.permute([axes.index(name) for name in wanted])
    if len(wanted) == len(right) and not any(isinstance(group, list) for group in right):
        return tensor
    return tensor.reshape([_size(group, sizes) for group in right])


def rearrange(tensor, pattern, **axes_lengths):
    if isinstance(tensor, (list, tuple)):
        tensor = _stacked(tensor)
    if gg.is_unknown(tensor) or gg.is_unknown(pattern) or gg.is_unknown(tensor.dim()):
        return gg.unknown()
    if "1" in _flat(_parsed(pattern.split("->")[0])):
        return gg.unknown()
    return _put_together(*_taken_apart(tensor, pattern, axes_lengths))


def _stacked(tensors):
    import torch

    return torch.stack(list(tensors))


def reduce(tensor, pattern, reduction, **axes_lengths):
    if gg.is_unknown(tensor) or gg.is_unknown(pattern) or gg.is_unknown(tensor.dim()):
        return gg.unknown()
    tensor, axes, right, sizes = _taken_apart(tensor, pattern, axes_lengths)
    kept = _flat(right)
    gone = [index for index, name in enumerate(axes) if name not in kept]
    if gone:
        method = {"mean": "mean", "sum": "sum", "max": "amax", "min": "amin", "prod": "prod"}[reduction]
        tensor = getattr(tensor, method)(tuple(gone))
    return _put_together(tensor, [name for name in axes if name in kept], right, sizes)


def repeat(tensor, pattern, **axes_lengths):
    if gg.is_unknown(tensor) or gg.is_unknown(pattern) or gg.is_unknown(tensor.dim()):
        return gg.unknown()
    tensor, axes, right, sizes = _taken_apart(tensor, pattern, axes_lengths)
    # New axes are expanded in front, then moved where they belong.
    new = [name for name in _flat(right) if name not in axes and name != "1"]
    for name in reversed(new):
        tensor = tensor.unsqueeze(0).expand(sizes[name], *[-1 for _ in range(tensor.dim())])
    return _put_together(tensor, new + axes, right, sizes)


def einsum(*tensors_and_pattern):
    return gg.unknown()

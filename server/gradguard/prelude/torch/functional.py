"""torch.functional where each result belongs to an argument of its own."""

import _gradguard as gg


def broadcast_shapes(*shapes):
    if any(gg.is_unknown(shape) for shape in shapes):
        return gg.unknown()
    shapes = [(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]
    rank = max([len(shape) for shape in shapes])
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple([_common(sizes) for sizes in zip(*padded)])


def _common(sizes):
    for size in sizes:
        if not gg.is_unknown(size) and size != 1:
            return size
    return gg.unknown() if any(gg.is_unknown(size) for size in sizes) else 1


def broadcast_tensors(*tensors):
    # What has the common shape already is handed back itself (measured).
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    if any(gg.is_unknown(tensor) for tensor in tensors):
        return tuple(tensors)  # views at most, which share memory and counter
    shape = broadcast_shapes(*[tensor.shape for tensor in tensors])
    return tuple([tensor.expand(shape) if gg.sure(tuple(tensor.shape) != shape) else tensor for tensor in tensors])


def meshgrid(*tensors, indexing=None):
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    if gg.is_unknown(tensors) or any(gg.is_unknown(tensor) for tensor in tensors):
        return gg.unknown()
    sizes = [tensor.numel() for tensor in tensors]
    grids = [
        tensor.view([-1 if axis == index else 1 for axis in range(len(sizes))]).expand(sizes)
        for index, tensor in enumerate(tensors)
    ]
    return tuple([grid.transpose(0, 1) for grid in grids] if indexing == "xy" else grids)

"""torch.nn.functional: losses whose kernel is one operator, on operands brought to one shape by `expand`."""

import _gradguard as gg

import torch


def _number(reduction, size_average=None, reduce=None):
    """The kernels' number of a reduction; the two old arguments override the new one (measured)."""
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
    return {"none": 0, "mean": 1, "sum": 2}.get(reduction, gg.unknown())


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    input, target = torch.broadcast_tensors(input, target)
    if weight is not None:
        return _reduced(gg.operator("torch._C._nn.mse_loss", input, target, 0) * weight, reduction)
    return gg.operator("torch._C._nn.mse_loss", input, target, _number(reduction, size_average, reduce))


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    input, target = torch.broadcast_tensors(input, target)
    difference = (input - target).abs()
    return _reduced(difference if weight is None else difference * weight, reduction)


def _reduced(loss, reduction):
    return loss if reduction == "none" else loss.sum() if reduction == "sum" else loss.mean()


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    input, target = torch.broadcast_tensors(input, target)
    if gg.sure(beta == 0):
        return l1_loss(input, target, size_average, reduce, reduction)
    return gg.operator("torch._C._nn.smooth_l1_loss", input, target, _number(reduction, size_average, reduce), beta)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    input, target = torch.broadcast_tensors(input, target)
    if weight is not None:
        return _reduced(gg.operator("torch._C._nn.huber_loss", input, target, 0, delta) * weight, reduction)
    return gg.operator("torch._C._nn.huber_loss", input, target, _number(reduction), delta)


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    if weight is not None:
        weight = weight.expand_as(target)
    number = _number(reduction, size_average, reduce)
    return gg.operator("torch._C._nn.binary_cross_entropy", input, target, weight, number)


def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    number = _number(reduction, size_average, reduce)
    return torch.binary_cross_entropy_with_logits(input, target, weight, pos_weight, number)


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return gg.operator("torch._C._nn.soft_margin_loss", input, target, _number(reduction, size_average, reduce))


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    number = _number(reduction, size_average, reduce)
    return gg.operator("torch._C._nn.multi_margin_loss", input, target, p, margin, weight, number)


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    if gg.sure(log_target):
        loss = target.exp() * (target - input)
    else:
        loss = torch.xlogy(target, target) - target * input
    return _reduced(loss, "sum" if reduction == "batchmean" else reduction)


def poisson_nll_loss(
    input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"
):
    if gg.sure(not log_input):
        return _reduced(input - target * (input + eps).log(), reduction)
    return _reduced(input.exp() - target * input, reduction)


def cross_entropy(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
    label_smoothing=0.0,
):
    if gg.is_unknown(input) or gg.is_unknown(target) or gg.is_unknown(input.dim()):
        return gg.operator("torch.nn.functional.cross_entropy", input, target)
    dim = 0 if input.dim() == 1 else 1
    scores = torch._log_softmax(input, dim, False)
    if gg.sure(target.is_floating_point()):
        if gg.sure(label_smoothing != 0):
            target = target * 0.9 + 0.1
        product = scores * target
        if weight is not None:
            product = product * weight.view([-1 if axis == dim else 1 for axis in range(input.dim())])
        return _reduced(-product.sum(dim), reduction)
    loss = _negative_likelihood(scores, target, weight, size_average, ignore_index, reduce, reduction)
    if not gg.sure(label_smoothing != 0):
        return loss
    spread = -scores.sum(dim) if weight is None else -(scores.movedim(dim, -1) * weight).sum(-1)
    return loss * 0.9 + _reduced(spread, reduction) * 0.1


def _negative_likelihood(scores, target, *options):
    if scores.dim() in (1, 2, 4):
        return gg.operator("torch.nn.functional.nll_loss", scores, target, *options)
    # Other ranks are brought to that of a picture.
    samples, classes = scores.size(0), scores.size(1)
    picture = scores.reshape(samples, classes, 1, -1), target.reshape(samples, 1, -1)
    loss = gg.operator("torch.nn.functional.nll_loss", *picture, *options)
    return loss.reshape(target.shape) if loss.dim() else loss

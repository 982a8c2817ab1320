"""torch.nn.functional: products."""

import _gradguard as gg

import torch


def linear(input, weight, bias=None):
    rank = input.dim()
    if gg.is_unknown(rank) or gg.is_unknown(weight):
        return gg.operator("torch.nn.functional.linear", input, weight, bias)
    if rank == 2:
        return torch.mm(input, weight.t()) if bias is None else torch.addmm(bias, input, weight.t())
    if rank == 1:
        return linear(input.unsqueeze(0), weight, bias).squeeze_(0)
    # Rows are multiplied flat. An input that cannot be flattened as a view is copied, so it is not saved itself; only the
    # fused form returns a view (measured).
    flat = input.reshape(-1, input.size(-1))
    shape = (*input.shape[:-1], weight.size(0))
    if bias is not None and input.is_contiguous():
        return torch.addmm(bias, flat, weight.t()).view(shape)
    rows = torch._unsafe_view(torch.mm(flat, weight.t()), shape)
    return rows if bias is None else rows + bias


def bilinear(input1, input2, weight, bias=None):
    if gg.is_unknown(input1.dim()) or gg.is_unknown(weight):
        return gg.operator("torch.nn.functional.bilinear", input1, input2, weight, bias)
    one, two = input1.reshape(-1, input1.size(-1)), input2.reshape(-1, input2.size(-1))
    product = torch._trilinear(one, weight, two, [1, 3], [0], [1, 2], [2, 3])
    product = product.reshape(*input1.shape[:-1], weight.size(0))
    return product if bias is None else product + bias

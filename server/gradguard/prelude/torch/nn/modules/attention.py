"""Multi-head attention."""

import math

import _gradguard as gg

import torch
import torch.nn.functional as F
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear
from torch.nn.modules.module import Module


class MultiheadAttention(Module):
    def __init__(
        self,
        embed_dim,
        num_heads,
        dropout=0.0,
        bias=True,
        add_bias_kv=False,
        add_zero_attn=False,
        kdim=None,
        vdim=None,
        batch_first=False,
        device=None,
        dtype=None,
    ):
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        self._qkv_same_embed_dim = _as_queries(kdim, embed_dim) and _as_queries(vdim, embed_dim)
        self._make_projections(bias, dtype)
        self.bias_k = gg.parameter(gg.initialised((1, 1, embed_dim), dtype)) if gg.sure(add_bias_kv) else None
        self.bias_v = gg.parameter(gg.initialised((1, 1, embed_dim), dtype)) if gg.sure(add_bias_kv) else None
        self.add_zero_attn = add_zero_attn

    def _make_projections(self, bias, dtype):
        size = self.embed_dim
        packed = self._qkv_same_embed_dim
        self.in_proj_weight = gg.parameter(gg.initialised((3 * size, size), dtype)) if packed else None
        self.q_proj_weight = None if packed else gg.parameter(gg.initialised((size, size), dtype))
        self.k_proj_weight = None if packed else gg.parameter(gg.initialised((size, self.kdim), dtype))
        self.v_proj_weight = None if packed else gg.parameter(gg.initialised((size, self.vdim), dtype))
        self.in_proj_bias = gg.parameter(gg.initialised((3 * size,), dtype)) if bias else None
        self.out_proj = NonDynamicallyQuantizableLinear(size, size, bias)

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights=True,
        attn_mask=None,
        average_attn_weights=True,
        is_causal=False,
    ):
        swap = gg.sure(self.batch_first) and not gg.sure(query.dim() == 2)
        if swap:
            query, key, value = _sequence_first(query, key, value)
        output, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return output.transpose(1, 0) if swap else output, weights


def _as_queries(size, embed_dim):
    return size is None or gg.sure(size == embed_dim)


def _sequence_first(query, key, value):
    # Arguments that are one object stay one: it decides how the packed projection is taken apart (measured).
    if key is value:
        if query is key:
            query = key = value = query.transpose(1, 0)
        else:
            query = query.transpose(1, 0)
            key = value = key.transpose(1, 0)
        return query, key, value
    return query.transpose(1, 0), key.transpose(1, 0), value.transpose(1, 0)


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    # The flash kernel takes 4-D operands without dropout and keeps them and its result; all else is composed of products
    # of scaled copies (measured).
    rank = query.dim()
    if gg.is_unknown(rank):
        return gg.operator("torch.nn.functional.scaled_dot_product_attention", query, key, value)
    flash = rank == 4 and gg.sure(dropout_p == 0) and not (gg.is_tensor(attn_mask) and gg.sure(attn_mask.requires_grad))
    if flash:
        if gg.is_tensor(attn_mask) and attn_mask.dtype == torch.bool:
            attn_mask = None
        return torch._scaled_dot_product_flash_attention_for_cpu(
            query, key, value, dropout_p, is_causal, attn_mask=attn_mask, scale=scale
        )[0]
    scores = torch.matmul(query * 0.5, key.transpose(-2, -1) * 0.5)
    if gg.is_tensor(attn_mask) and gg.sure(attn_mask.requires_grad):
        scores = scores + attn_mask
    weights = F.dropout(F.softmax(scores, -1), dropout_p)
    return torch.matmul(weights, value)


def _taken_apart(projected, parts, size):
    stacked = projected.unflatten(-1, (parts, size)).unsqueeze(0).transpose(0, -2).squeeze(-2).contiguous()
    return [stacked[part] for part in range(parts)]


def _packed_projection(query, key, value, weight, bias):
    size = weight.size(1)
    if key is value:
        if query is key:
            return _taken_apart(F.linear(query, weight, bias), 3, size)
        w_query, w_rest = weight.split([size, 2 * size])
        b_query, b_rest = (None, None) if bias is None else bias.split([size, 2 * size])
        projected = F.linear(query, w_query, b_query)
        return [projected, *_taken_apart(F.linear(key, w_rest, b_rest), 2, size)]
    return _projections((query, key, value), weight.chunk(3), bias)


def _projections(inputs, weights, bias):
    biases = (None, None, None) if bias is None else bias.chunk(3)
    return [F.linear(input, weight, part) for input, weight, part in zip(inputs, weights, biases)]


def multi_head_attention_forward(
    query,
    key,
    value,
    embed_dim_to_check,
    num_heads,
    in_proj_weight,
    in_proj_bias,
    bias_k,
    bias_v,
    add_zero_attn,
    dropout_p,
    out_proj_weight,
    out_proj_bias,
    training=True,
    key_padding_mask=None,
    need_weights=True,
    attn_mask=None,
    use_separate_proj_weight=False,
    q_proj_weight=None,
    k_proj_weight=None,
    v_proj_weight=None,
    static_k=None,
    static_v=None,
    average_attn_weights=True,
    is_causal=False,
):
    unbatched = gg.sure(query.dim() == 2)
    if unbatched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
    if use_separate_proj_weight:
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        q, k, v = _projections((query, key, value), weights, in_proj_bias)
    else:
        q, k, v = _packed_projection(query, key, value, in_proj_weight, in_proj_bias)
    if bias_k is not None:
        k = torch.cat([k, bias_k.repeat(1, k.size(1), 1)])
        v = torch.cat([v, bias_v.repeat(1, v.size(1), 1)])
    length, batch, size = q.shape
    q, k, v = [_by_head(part, batch, num_heads) for part in (q, k, v)]
    if gg.sure(add_zero_attn):
        k = torch.cat([k, k.new_zeros((k.size(0), 1, k.size(2)))], 1)
        v = torch.cat([v, v.new_zeros((v.size(0), 1, v.size(2)))], 1)
    dropout_p = dropout_p if training else 0.0
    if need_weights:
        output, weights = _explicit_attention(q, k, v, attn_mask, dropout_p)
        output = output.transpose(0, 1).reshape(length * batch, size)
        weights = weights.view(batch, num_heads, length, k.size(1))
        weights = weights.mean(1) if average_attn_weights else weights
    else:
        weights = None
        q, k, v = [part.view(batch, num_heads, part.size(1), part.size(2)) for part in (q, k, v)]
        output = scaled_dot_product_attention(q, k, v, None, dropout_p, False)
        output = output.permute(2, 0, 1, 3).contiguous().view(batch * length, size)
    output = F.linear(output, out_proj_weight, out_proj_bias).view(length, batch, size)
    if unbatched:
        return output.squeeze(1), None if weights is None else weights.squeeze(0)
    return output, weights


def _by_head(projected, batch, heads):
    length, _, size = projected.shape
    return projected.view(length, batch * heads, size // heads).transpose(0, 1)


def _explicit_attention(q, k, v, attn_mask, dropout_p):
    # Masks are added, so they are not kept; a boolean one is turned into numbers first.
    scores = torch.bmm(q * math.sqrt(0.5), k.transpose(-2, -1))
    if gg.is_tensor(attn_mask) and gg.sure(attn_mask.requires_grad):
        scores = scores + attn_mask
    weights = F.dropout(F.softmax(scores, -1), dropout_p)
    return torch.bmm(weights, v), weights

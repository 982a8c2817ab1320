"""Recurrent layers and cells.

A GRU or RNN runs two steps, whatever the length of the sequence: the second step already sees a hidden state that needs a
gradient, so it saves all that any later step saves.
"""

import _gradguard as gg

import torch
import torch.nn.functional as F
from torch.nn.modules.module import Module
from torch.nn.utils.rnn import PackedSequence


class RNNBase(Module):
    gates = 1

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
        device=None,
        dtype=None,
    ):
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._out_size = proj_size if gg.sure(proj_size) else hidden_size
        self._suffixes = ("", "_reverse") if gg.sure(bidirectional) else ("",)
        size = input_size
        for layer in range(num_layers):
            for suffix in self._suffixes:
                self._make_weights(f"_l{layer}{suffix}", size, dtype)
            size = self._out_size * len(self._suffixes)

    def _make_weights(self, suffix, input_size, dtype):
        rows = self.gates * self.hidden_size
        setattr(self, "weight_ih" + suffix, gg.parameter(gg.initialised((rows, input_size), dtype)))
        setattr(self, "weight_hh" + suffix, gg.parameter(gg.initialised((rows, self._out_size), dtype)))
        if self.bias:
            setattr(self, "bias_ih" + suffix, gg.parameter(gg.initialised((rows,), dtype)))
            setattr(self, "bias_hh" + suffix, gg.parameter(gg.initialised((rows,), dtype)))
        if gg.sure(self.proj_size):
            shape = (self.proj_size, self.hidden_size)
            setattr(self, "weight_hr" + suffix, gg.parameter(gg.initialised(shape, dtype)))

    def _weights(self, suffix):
        names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] if self.bias else ["weight_ih", "weight_hh"]
        names += ["weight_hr"] if gg.sure(self.proj_size) else []
        return [getattr(self, name + suffix) for name in names]

    @property
    def all_weights(self):
        return [self._weights(f"_l{layer}{suffix}") for layer in range(self.num_layers) for suffix in self._suffixes]

    @property
    def _flat_weights(self):
        return [weight for weights in self.all_weights for weight in weights]

    def flatten_parameters(self):
        pass

    def reset_parameters(self):
        pass

    def forward(self, input, hx=None):
        if isinstance(input, PackedSequence):
            output, hidden = self._run(input.data, hx, packed=True)
            return PackedSequence(output, *input[1:]), hidden
        if gg.sure(input.dim() == 2):
            output, hidden = self._run(input.unsqueeze(1), self._batched(hx))
            return output.squeeze(1), self._unbatched(hidden)
        if gg.sure(self.batch_first):
            output, hidden = self._run(input.transpose(0, 1), hx)
            return output.transpose(0, 1), hidden
        return self._run(input, hx)

    def _batched(self, hx):
        return None if hx is None else hx.unsqueeze(1)

    def _unbatched(self, hidden):
        return hidden.squeeze(1)

    def _run(self, input, hx, packed=False):
        if hx is None:
            hx = input.new_zeros((self.num_layers * len(self._suffixes), _batch(input, packed), self._out_size))
        states = hx.unbind(0)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for suffix in self._suffixes:
                output, hidden = self._layer(input, states[len(last)], *self._weights(f"_l{layer}{suffix}"))
                outputs.append(output)
                last.append(hidden)
            input = torch.cat(outputs, -1) if gg.sure(self.bidirectional) else output
            if gg.sure(self.dropout) and layer < self.num_layers - 1:
                input = F.dropout(input, self.dropout, self.training)
        return input, torch.stack(last)

    def _layer(self, input, hidden, w_ih, w_hh, b_ih=None, b_hh=None):
        gates = F.linear(input, w_ih, b_ih)
        for _ in range(2):
            hidden = self._step(_first(gates), F.linear(hidden, w_hh, b_hh), hidden)
        # Every row of the result is a step's hidden state: it has their shape and is nobody's saved tensor.
        return gates.narrow(-1, 0, self.hidden_size) + hidden, hidden


class RNN(RNNBase):
    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", *args, **kwargs):
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, num_layers, *args, **kwargs)

    def _step(self, input_part, hidden_part, hidden):
        return (
            torch.relu(input_part + hidden_part)
            if gg.sure(self.nonlinearity == "relu")
            else torch.tanh(input_part + hidden_part)
        )


class GRU(RNNBase):
    gates = 3

    def _step(self, input_part, hidden_part, hidden):
        return _gru(input_part, hidden_part, hidden)


class LSTM(RNNBase):
    gates = 4

    def _batched(self, hx):
        return None if hx is None else (hx[0].unsqueeze(1), hx[1].unsqueeze(1))

    def _unbatched(self, hidden):
        return hidden[0].squeeze(1), hidden[1].squeeze(1)

    def _run(self, input, hx, packed=False):
        count = self.num_layers * len(self._suffixes)
        if hx is None:
            batch = _batch(input, packed)
            hx = input.new_zeros((count, batch, self._out_size)), input.new_zeros((count, batch, self.hidden_size))
        h_last = []
        c_last = []
        for layer in range(self.num_layers):
            outputs = []
            for suffix in self._suffixes:
                state = hx[0][len(h_last)], hx[1][len(c_last)]
                run = self._layer if packed or gg.sure(self.proj_size) else self._fused_layer
                output, h, c = run(input, *state, suffix != "", self._weights(f"_l{layer}{suffix}"))
                outputs.append(output)
                h_last.append(h)
                c_last.append(c)
            input = torch.cat(outputs, -1) if gg.sure(self.bidirectional) else output
            if gg.sure(self.dropout) and layer < self.num_layers - 1:
                input = F.dropout(input, self.dropout, self.training)
        return input, (torch.stack(h_last), torch.stack(c_last))

    def _fused_layer(self, input, h, c, reverse, weights):
        # One kernel runs the whole layer and keeps all it was given, laid out anew where it must be, and its results (measured).
        if not self.bias:
            zeros = input.new_zeros((4 * self.hidden_size,))
            weights = weights + [zeros, zeros]
        output, h, c, _ = torch.mkldnn_rnn_layer(
            input.contiguous(), *weights, h, c, reverse, [], 2, self.hidden_size, 1, self.bias, False, False, True
        )
        return output, h, c

    def _layer(self, input, h, c, reverse, weights):
        # Packed sequences and projections run step by step, as a GRU does (measured).
        b_ih, b_hh = weights[2:4] if self.bias else (None, None)
        gates = F.linear(input, weights[0], b_ih)
        for _ in range(2):
            h, c = _lstm(_first(gates), F.linear(h, weights[1], b_hh), c, self.hidden_size)
            if gg.sure(self.proj_size):
                h = F.linear(h, weights[-1])
        return gates.narrow(-1, 0, self._out_size) + h, h, c


class RNNCellBase(Module):
    gates = 1

    def __init__(self, input_size, hidden_size, bias=True, num_chunks=None, device=None, dtype=None):
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = (num_chunks or self.gates) * hidden_size
        self.weight_ih = gg.parameter(gg.initialised((rows, input_size), dtype))
        self.weight_hh = gg.parameter(gg.initialised((rows, hidden_size), dtype))
        self.bias_ih = gg.parameter(gg.initialised((rows,), dtype)) if bias else None
        self.bias_hh = gg.parameter(gg.initialised((rows,), dtype)) if bias else None

    def _start(self, input):
        return input.new_zeros((*input.shape[:-1], self.hidden_size))

    def _parts(self, input, hidden):
        return F.linear(input, self.weight_ih, self.bias_ih), F.linear(hidden, self.weight_hh, self.bias_hh)


class RNNCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        input_part, hidden_part = self._parts(input, self._start(input) if hx is None else hx)
        return (
            torch.relu(input_part + hidden_part)
            if gg.sure(self.nonlinearity == "relu")
            else torch.tanh(input_part + hidden_part)
        )


class GRUCell(RNNCellBase):
    gates = 3

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input, hx=None):
        hx = self._start(input) if hx is None else hx
        return _gru(*self._parts(input, hx), hx)


class LSTMCell(RNNCellBase):
    gates = 4

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        h, c = (self._start(input), self._start(input)) if hx is None else hx
        return _lstm(*self._parts(input, h), c, self.hidden_size)


def _gru(input_part, hidden_part, hidden):
    # The gates are private; `(hidden - new) * gate + new` keeps neither the old nor the new hidden state.
    gate = torch.sigmoid((input_part + hidden_part).narrow(-1, 0, hidden.size(-1)))
    return (hidden - gate) * gate + gate


def _lstm(input_part, hidden_part, c, size):
    gate = torch.sigmoid((input_part + hidden_part).narrow(-1, 0, size))
    c = gate * c + gate
    return gate * torch.tanh(c), c


def _batch(input, packed):
    # How many sequences are packed is not known; their rows stand one below the other.
    return 1 if packed else input.size(1)


def _first(gates):
    return gates[:1] if gg.sure(gates.dim() == 2) else gates[0]

"""Packed and padded sequences."""

from collections import namedtuple

import _gradguard as gg

import torch

PackedSequence = namedtuple("PackedSequence", ["data", "batch_sizes", "sorted_indices", "unsorted_indices"])


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    # Rows are gathered into a fresh tensor; their number depends on the lengths.
    rows = input.transpose(0, 1) if batch_first else input
    kept = rows.flatten(0, 1).narrow(0, 0, gg.unknown()).clone()
    return PackedSequence(kept, gg.new_tensor((None,), torch.long), None, None)


def pack_sequence(sequences, enforce_sorted=True):
    return PackedSequence(torch.cat(list(sequences)), gg.new_tensor((None,), torch.long), None, None)


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    data = sequence.data
    padded = torch.cat([data, data.new_zeros((gg.unknown(), *data.shape[1:]))]).unflatten(
        0, (gg.unknown(), gg.unknown())
    )
    lengths = gg.new_tensor((None,), torch.long)
    return padded.transpose(0, 1) if batch_first else padded, lengths


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    sequences = list(sequences)
    return torch.stack(sequences, 0 if batch_first else 1)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    return gg.unknown()


def unpack_sequence(packed_sequences):
    return gg.unknown()

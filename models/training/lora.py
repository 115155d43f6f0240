"""Low-rank adapters (Hu et al. 2021) and heads, packed one adapter a row, so that each canvas of a batch may use another.

One row holds everything that an adapter changes: the low-rank matrices of every query and value projection, the last
layer of both heads, and its calibration. The rows are an input of the released graph: an adapter is swapped by writing
another row, with no new session.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Layout:
    """Where each named piece of an adapter lies in its row."""

    def __init__(self):
        self.pieces, self.length = {}, 0

    def add(self, name, *shape):
        self.pieces[name] = (self.length, shape)
        self.length += math.prod(shape)
        return name

    def take(self, rows, name):
        """rows: (length,) or (n, length). Returns (*shape) or (n, *shape), a view."""
        at, shape = self.pieces[name]
        return rows[..., at : at + math.prod(shape)].view(*([-1] if rows.dim() == 2 else []), *shape)


class LoraLinear(nn.Module):
    """y = W x + scale * B A x, with A and B taken from the adapter row of each canvas."""

    def __init__(self, layout, name, n_in, n_out, rank=8, alpha=16):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)
        self.scale = alpha / rank
        self.layout = layout
        self.a, self.b = layout.add(f"{name}.a", n_in, rank), layout.add(f"{name}.b", rank, n_out)

    def forward(self, x, rows=None):
        """x: (batch, tokens, n_in); rows: (batch, length), or None for the bare base."""
        y = self.linear(x)
        if rows is None:
            return y
        return y + self.scale * torch.bmm(torch.bmm(x, self.layout.take(rows, self.a)), self.layout.take(rows, self.b))


class AdaptedLinear(nn.Module):
    """A last layer that belongs to the adapter as a whole."""

    def __init__(self, layout, name, n_in, n_out):
        super().__init__()
        self.layout = layout
        self.weight, self.bias = layout.add(f"{name}.weight", n_in, n_out), layout.add(f"{name}.bias", n_out)

    def forward(self, x, rows):
        """x: (batch, items, n_in); rows: (1 or batch, length)."""
        weight, bias = self.layout.take(rows, self.weight), self.layout.take(rows, self.bias)[:, None]
        return (F.linear(x, weight[0].t()) if rows.shape[0] == 1 else torch.bmm(x, weight)) + bias

"""Low-rank adapters on a frozen linear layer (Hu et al. 2021), stacked so that each row of a batch may use another one."""

import torch
from torch import nn


class StackedLoraLinear(nn.Module):
    """y = W x + b + scale * B[a] A[a] x, with `a` the adapter of each batch row; adapter 0 is the base (B = 0, frozen)."""

    def __init__(self, n_in, n_out, n_adapters, rank=8, alpha=16):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)
        self.scale = alpha / rank
        self.lora_a = nn.Parameter(torch.randn(n_adapters, n_in, rank) / n_in**0.5)
        self.lora_b = nn.Parameter(torch.zeros(n_adapters, rank, n_out))

    def forward(self, x, adapter=None):
        """x: (batch, tokens, n_in); adapter: (batch,) int64, or None for the bare base."""
        y = self.linear(x)
        if adapter is None:
            return y
        return y + self.scale * torch.bmm(torch.bmm(x, self.lora_a[adapter]), self.lora_b[adapter])

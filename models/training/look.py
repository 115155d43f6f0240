"""The third look: the canvas itself along a slot's curve, by a small network that belongs to the adapter as a whole.

The second look reads features of half the canvas's resolution and less, through layers that every adapter shares. An
adapter whose third look is all zeros leaves slots exactly as they are.
"""

import torch
import torch.nn.functional as F
from torch import nn

from lora import AdaptedLinear

# Points along the curve, and rows above and below it. Beyond either end: a quarter of the length and EDGE columns.
N_ALONG, ACROSS = 24, (-9.0, -5.0, -2.5, -1.0, 0.0, 1.0, 2.5, 5.0, 9.0)
EDGE = 1.5
WIDTH = 128
# The curve that one round gives is where the next looks.
ROUNDS = 2
# Largest change of a scale's logarithm in a round.
SCALE_STEP = 4.0
N_INPUTS = N_ALONG * len(ACROSS) + 12
N_OUTPUTS = 12


class Look(nn.Module):
    def __init__(self, layout):
        super().__init__()
        self.first = AdaptedLinear(layout, "look.first", N_INPUTS, WIDTH)
        self.last = AdaptedLinear(layout, "look.last", WIDTH, N_OUTPUTS)

    def forward(self, canvas, logit, running, values, scales, rows):
        """canvas: (batch, 128, 128); the others as `ChirpViT.refined` gives them. Returns the same four."""
        for _ in range(ROUNDS):
            logit, running, values, scales = self.round(canvas, logit, running, values, scales, rows)
        return logit, running, values, scales

    def round(self, canvas, logit, running, values, scales, rows):
        around = torch.log(scales) * 0.3
        facts = [logit[..., None] * 0.3, values * 2 - 1, around, (values[..., 1] - values[..., 0])[..., None]]
        out = self.last(F.relu(self.first(torch.cat([patch(canvas, values), *facts], -1), rows)), rows)
        step = out[..., 7:].clamp(-SCALE_STEP, SCALE_STEP)
        return logit + out[..., 0], running + out[..., 1], values + 0.05 * out[..., 2:7], scales * torch.exp(step)


def patch(canvas, values):
    """What lies along and beside curves. canvas: (batch, 128, 128); values: (batch, n, 5). Returns (batch, n, points)."""
    onset, offset, start, middle, end = (v[..., None] for v in values.unbind(-1))
    n_columns = canvas.shape[2]
    length = (offset - onset).clamp_min(1 / n_columns)
    margin = 0.25 + EDGE / n_columns / length
    x = torch.linspace(0, 1, N_ALONG, device=canvas.device) * (1 + 2 * margin) - margin
    f = x.clamp(0, 1)
    # Beyond its ends a curve goes on as steeply as it ran on the whole: there lie the ends of one that was told too short.
    frequency = start * (1 - f) * (1 - 2 * f) + 4 * middle * f * (1 - f) + end * f * (2 * f - 1) + (end - start) * (x - f)
    time = (onset + length * x)[..., None].expand(-1, -1, -1, len(ACROSS))
    across = torch.tensor(ACROSS, device=canvas.device) / canvas.shape[1]
    where = torch.stack([time, frequency[..., None] + across], -1) * 2 - 1
    batch, n = values.shape[:2]
    where = where.reshape(batch, n, -1, 2)
    return F.grid_sample(canvas[:, None], where, mode="bilinear", padding_mode="zeros", align_corners=False)[:, 0]

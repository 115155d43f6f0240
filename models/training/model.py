"""A small vision transformer that finds chirps on a canvas.

Canvas (128 x 128) -> convolutional patch embedding -> 8 x 8 tokens -> transformer with LoRA on query and value ->
16 x 16 detection cells, from tokens and the embedding's finer layer. A cell answers for a chirp whose middle it holds.
The strongest cells are proposals; each is refined from features sampled along its own curve, as lane detectors do
(Zheng et al. 2022, CLRNet), and at last from the canvas itself (look.py).
"""

import torch
import torch.nn.functional as F
from torch import nn

from look import Look
from lora import AdaptedLinear, Layout, LoraLinear

CELLS = 16
N_SLOTS = 8
# Channels of both heads: presence, running on, and for onset, offset, start, middle and end their values and scales.
PRESENCE, RUNNING, VALUES, SCALES, N_OUT = 0, 1, slice(2, 7), slice(7, 12), 12
# 90 % of a Laplace distribution lies within ln(10) scales.
LAPLACE_90 = 2.302585
# Points along a proposal, from a quarter of its length before its onset to as much after its offset.
N_POINTS, MARGIN = 16, 0.25
SPREAD_FIELDS = [0, 1, 2, 4]


class Block(nn.Module):
    def __init__(self, layout, name, width, n_heads, rank):
        super().__init__()
        self.n_heads = n_heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query = LoraLinear(layout, f"{name}.query", width, width, rank, 2 * rank)
        self.key = nn.Linear(width, width)
        self.value = LoraLinear(layout, f"{name}.value", width, width, rank, 2 * rank)
        self.out = nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, rows):
        n, d = x.shape[1:]
        h = self.norm1(x)
        split = lambda y: y.reshape(-1, n, self.n_heads, d // self.n_heads).transpose(1, 2)
        q, k, v = split(self.query(h, rows)), split(self.key(h)), split(self.value(h, rows))
        attention = torch.softmax(q @ k.transpose(-2, -1) * (d // self.n_heads) ** -0.5, -1)
        x = x + self.out((attention @ v).transpose(1, 2).reshape(-1, n, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class ChirpViT(nn.Module):
    def __init__(self, width=96, depth=4, n_heads=4, n_adapters=6, rank=8, refine=True):
        super().__init__()
        self.refine = refine
        self.layout = Layout()
        conv = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())
        self.stem1, self.stem2 = conv(1, 16), conv(16, 32)
        self.stem3, self.stem4 = conv(32, 64), nn.Conv2d(64, width, 3, 2, 1)
        self.position = nn.Parameter(torch.randn(1, 64, width) * 0.02)
        self.blocks = nn.ModuleList(Block(self.layout, f"block{i}", width, n_heads, rank) for i in range(depth))
        self.norm = nn.LayerNorm(width)
        self.lift = nn.Conv2d(width, 64, 1)
        self.fuse = nn.Sequential(nn.ReLU(), nn.Conv2d(64, 64, 3, 1, 1), nn.ReLU())
        self.head = AdaptedLinear(self.layout, "head", 64, N_OUT)
        self.fine = nn.Sequential(nn.Conv2d(64 + 32, 32, 1), nn.ReLU())
        # Training only: the ridge of each fundamental on a 64 x 64 map, so that every pixel teaches.
        self.ridge = nn.Sequential(nn.Conv2d(32, 4, 1), nn.PixelShuffle(2))
        self.along = nn.Sequential(nn.Linear(N_POINTS * (32 + 16) + 64 + 7, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU())
        self.last = AdaptedLinear(self.layout, "refine", 128, N_OUT)
        # Presence = sigmoid(slope * logit + shift); half-widths of 90 % intervals = Laplace's times these factors.
        self.layout.add("calibration", 2)
        self.layout.add("spread", len(SPREAD_FIELDS))
        self.look = Look(self.layout)
        self.stack = nn.Parameter(self._first_rows(n_adapters))
        centre = (torch.arange(CELLS) + 0.5) / CELLS
        self.register_buffer("cell_time", centre.repeat(CELLS, 1))
        self.register_buffer("cell_frequency", centre[:, None].repeat(1, CELLS))

    def _first_rows(self, n_adapters):
        rows = torch.zeros(n_adapters, self.layout.length)
        for name in self.layout.pieces:
            if name.startswith("look."):
                continue
            piece = self.layout.take(rows, name)
            if name.endswith((".a", ".weight")):
                piece.copy_(torch.randn_like(piece[0]) / piece.shape[1] ** 0.5 * (0.2 if name == "refine.weight" else 1))
        self.layout.take(rows, "head.bias")[:, PRESENCE] = -4.0
        self.layout.take(rows, "head.bias")[:, SCALES] = -3.0
        self.layout.take(rows, "refine.bias")[:, SCALES] = -3.0
        self.layout.take(rows, "calibration")[:, 0] = 1.0
        self.layout.take(rows, "spread")[:] = 1.0
        return rows

    def maps(self, canvas, rows):
        """canvas (batch, 128, 128), rows None (base) or (batch, length) -> the maps that heads read.

        Returns detection (batch, N_OUT, 16, 16), cell features (batch, 64, 16, 16), fine ones (batch, 32, 32, 32) and
        finest ones (batch, 16, 64, 64).
        """
        s1 = self.stem1(canvas[:, None])
        s2 = self.stem2(s1)
        s3 = self.stem3(s2)
        tokens = self.stem4(s3).flatten(2).transpose(1, 2) + self.position
        for block in self.blocks:
            tokens = block(tokens, rows)
        grid = self.norm(tokens).transpose(1, 2).reshape(-1, tokens.shape[2], 8, 8)
        lifted = F.interpolate(self.lift(grid), scale_factor=2.0, mode="nearest")
        fused = self.fuse(s3 + lifted)
        detection = self.head(fused.flatten(2).transpose(1, 2), self.stack[:1] if rows is None else rows)
        detection = detection.transpose(1, 2).reshape(-1, N_OUT, CELLS, CELLS)
        fine = self.fine(torch.cat([s2, F.interpolate(fused, scale_factor=2.0, mode="nearest")], 1))
        return detection, fused, fine, s1

    def decode(self, detection):
        """(batch, N_OUT, 16, 16) -> presence logit, running logit, values (.., 5) and scales (.., 5), each over the cells."""
        values = detection[:, VALUES] * 0.25
        times = values[:, :2] + self.cell_time
        frequencies = values[:, 2:] + self.cell_frequency
        return detection[:, PRESENCE], detection[:, RUNNING], torch.cat([times, frequencies], 1), scales_of(detection[:, SCALES])

    def propose(self, logit, n):
        """Indices (batch, n) of the strongest local maxima among the cells."""
        is_peak = logit >= F.max_pool2d(logit[:, None], 3, 1, 1)[:, 0]
        return torch.topk(torch.where(is_peak, logit, logit - 100).flatten(1), n)[1]

    def refined(self, proposals, index, logit, fused, fine, finest, rows):
        """Second look. proposals: (batch, n, 5) values; index: (batch, n) their cells.

        Returns presence logit, running logit (batch, n), values and scales (batch, n, 5).
        """
        onset, offset, start, middle, end = proposals.unbind(-1)
        x = torch.linspace(-MARGIN, 1 + MARGIN, N_POINTS, device=proposals.device)
        time = onset[..., None] + (offset - onset)[..., None] * x
        f = x.clamp(0, 1)
        frequency = (start[..., None] * (1 - f) * (1 - 2 * f) + 4 * middle[..., None] * f * (1 - f) + end[..., None] * f * (2 * f - 1))
        where = torch.stack([time, frequency], -1) * 2 - 1
        sampled = [F.grid_sample(m, where, mode="bilinear", padding_mode="zeros", align_corners=False) for m in (fine, finest)]
        sampled = torch.cat(sampled, 1).permute(0, 2, 3, 1).flatten(2)
        cells = torch.gather(fused.flatten(2), 2, index[:, None].expand(-1, fused.shape[1], -1)).transpose(1, 2)
        at = torch.gather(logit.flatten(1), 1, index)
        inputs = torch.cat([sampled, cells, proposals * 2 - 1, at[..., None] * 0.3, (offset - onset)[..., None]], -1)
        out = self.last(self.along(inputs), self.stack[:1] if rows is None else rows)
        return out[..., PRESENCE], out[..., RUNNING], proposals + 0.1 * out[..., VALUES], scales_of(out[..., SCALES])

    def slots(self, canvas, rows):
        """Uncalibrated slots: presence logit, running logit (batch, N_SLOTS), values and scales (batch, N_SLOTS, 5)."""
        return self.look(canvas, *self.two_looks(canvas, rows), self.stack[:1] if rows is None else rows)

    def two_looks(self, canvas, rows):
        """As `slots`, before the third look."""
        detection, fused, fine, finest = self.maps(canvas, rows)
        logit, running, values, scales = self.decode(detection)
        index = self.propose(logit, N_SLOTS)
        pick = lambda m: torch.gather(m.flatten(2), 2, index[:, None].expand(-1, m.shape[1], -1)).transpose(1, 2)
        proposals = pick(values)
        if not self.refine:
            return pick(logit[:, None])[..., 0], pick(running[:, None])[..., 0], proposals, pick(scales)
        return self.refined(proposals, index, logit, fused, fine, finest, rows)

    def forward(self, canvas, adapter, stack):
        """The released graph: slots (batch, N_SLOTS, 11), strongest first.

        canvas: (batch, 128, 128); adapter: (batch,) int64, row of the stack each canvas uses; stack: (adapters, length).
        Per slot: presence, onset, offset, start, middle and end frequency, half-widths of 90 % intervals of onset,
        offset, start and end frequency, and the probability of running on; coordinates in [0, 1] of the canvas.
        """
        rows = stack[adapter]
        return self.calibrated(*self.slots(canvas, rows), rows)

    def calibrated(self, logit, running, values, scales, rows):
        """What `slots` gives, as the released graph tells it. rows: (batch, length), or (1, length) for all."""
        calibration, spread = self.layout.take(rows, "calibration"), self.layout.take(rows, "spread")
        presence = torch.sigmoid(calibration[:, :1] * logit + calibration[:, 1:])
        spreads = scales[..., SPREAD_FIELDS] * LAPLACE_90 * spread[:, None]
        slots = torch.cat([presence[..., None], values, spreads, torch.sigmoid(running)[..., None]], -1)
        order = torch.topk(presence, N_SLOTS)[1]
        return torch.gather(slots, 1, order[..., None].expand(-1, -1, slots.shape[2]))


def scales_of(raw):
    return torch.exp(torch.clamp(raw, -7, 0))

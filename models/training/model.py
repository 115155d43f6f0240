"""A small vision transformer that finds chirps on a canvas.

Canvas (128 x 128) -> convolutional patch embedding -> 8 x 8 tokens -> transformer with LoRA on query and value ->
16 x 16 detection cells, from tokens and the embedding's finer layer. A cell answers for a chirp whose middle it holds:
presence, onset, offset, three frequencies, their Laplace scales, and whether the chirp still runs at the right edge.
"""

import torch
import torch.nn.functional as F
from torch import nn

from lora import StackedLoraLinear

CELLS = 16
N_SLOTS = 8
# Channels of the detection map.
PRESENCE, RUNNING, VALUES, SCALES, N_OUT = 0, 1, slice(2, 7), slice(7, 12), 12
# 90 % of a Laplace distribution lies within ln(10) scales.
LAPLACE_90 = 2.302585


class Block(nn.Module):
    def __init__(self, width, n_heads, n_adapters, rank):
        super().__init__()
        self.n_heads = n_heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query = StackedLoraLinear(width, width, n_adapters, rank, 2 * rank)
        self.key = nn.Linear(width, width)
        self.value = StackedLoraLinear(width, width, n_adapters, rank, 2 * rank)
        self.out = nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, adapter):
        n, d = x.shape[1:]
        h = self.norm1(x)
        split = lambda y: y.reshape(-1, n, self.n_heads, d // self.n_heads).transpose(1, 2)
        q, k, v = split(self.query(h, adapter)), split(self.key(h)), split(self.value(h, adapter))
        attention = torch.softmax(q @ k.transpose(-2, -1) * (d // self.n_heads) ** -0.5, -1)
        x = x + self.out((attention @ v).transpose(1, 2).reshape(-1, n, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class ChirpViT(nn.Module):
    def __init__(self, width=96, depth=4, n_heads=4, n_adapters=5, rank=8):
        super().__init__()
        conv = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())
        self.stem1, self.stem2 = conv(1, 16), conv(16, 32)
        self.stem3, self.stem4 = conv(32, 64), nn.Conv2d(64, width, 3, 2, 1)
        self.position = nn.Parameter(torch.randn(1, 64, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, n_heads, n_adapters, rank) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.lift = nn.Conv2d(width, 64, 1)
        self.fuse = nn.Sequential(nn.ReLU(), nn.Conv2d(64, 64, 3, 1, 1), nn.ReLU())
        self.head = nn.Conv2d(64, N_OUT, 1)
        # Training only: the ridge of each fundamental on a 32 x 32 map, so that every pixel teaches.
        self.ridge = nn.Sequential(nn.Conv2d(64 + 32, 32, 1), nn.ReLU(), nn.Conv2d(32, 1, 1))
        # Presence = sigmoid(slope * logit + shift), fitted on validation canvases after training.
        self.register_buffer("calibration", torch.tensor([1.0, 0.0]))
        centre = (torch.arange(CELLS) + 0.5) / CELLS
        self.register_buffer("cell_time", centre.repeat(CELLS, 1))
        self.register_buffer("cell_frequency", centre[:, None].repeat(1, CELLS))
        nn.init.constant_(self.head.bias[PRESENCE], -4.0)
        nn.init.constant_(self.head.bias[SCALES], -3.0)

    def maps(self, canvas, adapter=None):
        """canvas: (batch, 128, 128). Returns detection map (batch, N_OUT, 16, 16) and ridge logits (batch, 32, 32)."""
        s2 = self.stem2(self.stem1(canvas[:, None]))
        s3 = self.stem3(s2)
        tokens = self.stem4(s3).flatten(2).transpose(1, 2) + self.position
        for block in self.blocks:
            tokens = block(tokens, adapter)
        grid = self.norm(tokens).transpose(1, 2).reshape(-1, tokens.shape[2], 8, 8)
        lifted = F.interpolate(self.lift(grid), scale_factor=2.0, mode="nearest")
        fused = self.fuse(s3 + lifted)
        ridge = self.ridge(torch.cat([s2, F.interpolate(fused, scale_factor=2.0, mode="nearest")], 1))
        return self.head(fused), ridge[:, 0]

    def decode(self, detection):
        """(batch, N_OUT, 16, 16) -> presence logit, values (.., 5), scales (.., 5), running logit, each over the cells."""
        values = detection[:, VALUES] * 0.25
        times = values[:, :2] + self.cell_time
        frequencies = values[:, 2:] + self.cell_frequency
        scales = torch.exp(torch.clamp(detection[:, SCALES], -7, 0))
        return detection[:, PRESENCE], torch.cat([times, frequencies], 1), scales, detection[:, RUNNING]

    def forward(self, canvas, adapter):
        """The released graph: slots (batch, N_SLOTS, 11), strongest first.

        Per slot: presence, onset, offset, start, middle and end frequency, half-widths of 90 % intervals of onset,
        offset, start and end frequency, and the probability of running on; coordinates in [0, 1] of the canvas.
        """
        logit, values, scales, running = self.decode(self.maps(canvas, adapter)[0])
        is_peak = logit >= F.max_pool2d(logit[:, None], 3, 1, 1)[:, 0]
        presence = torch.sigmoid(self.calibration[0] * logit + self.calibration[1]) * is_peak
        score, index = torch.topk(presence.flatten(1), N_SLOTS)
        spreads = scales[:, [0, 1, 2, 4]] * LAPLACE_90
        fields = torch.cat([values, spreads, torch.sigmoid(running)[:, None]], 1).flatten(2)
        picked = torch.gather(fields, 2, index[:, None].expand(-1, fields.shape[1], -1))
        return torch.cat([score[:, None], picked], 1).transpose(1, 2)


def adapter_parameters(model):
    return [p for name, p in model.named_parameters() if "lora_" in name]


def base_parameters(model):
    return [p for name, p in model.named_parameters() if "lora_" not in name]

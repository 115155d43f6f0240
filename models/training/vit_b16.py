"""ViT-B/16 at 224 x 224 with random weights, as ONNX: the published approach's network, to compare cost with.

  python3 vit_b16.py OUT.onnx
"""

import sys

import torch
import torch.nn.functional as F
from torch import nn

WIDTH, DEPTH, HEADS, PATCH, SIZE = 768, 12, 12, 16, 224


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        n = (SIZE // PATCH) ** 2 + 1
        q, k, v = self.qkv(self.norm1(x)).reshape(-1, n, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        attention = torch.softmax(q @ k.transpose(-2, -1) * (WIDTH // HEADS) ** -0.5, -1)
        x = x + self.out((attention @ v).transpose(1, 2).reshape(-1, n, WIDTH))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class ViT(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.position = nn.Parameter(torch.randn(1, (SIZE // PATCH) ** 2 + 1, WIDTH) * 0.02)
        self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3)

    def forward(self, image):
        patches = self.patch(image).flatten(2).transpose(1, 2)
        # Not expand: its shape would be traced as a constant.
        token = self.token + patches[:, :1] * 0
        return self.head(self.norm(self.blocks(torch.cat([token, patches], 1) + self.position))[:, 0])


if __name__ == "__main__":
    model = ViT().eval()
    torch.onnx.export(model, torch.zeros(2, 3, SIZE, SIZE), sys.argv[1], input_names=["image"], output_names=["chirp"],
                      dynamic_axes={"image": {0: "batch"}, "chirp": {0: "batch"}}, opset_version=16)
    print(sum(p.numel() for p in model.parameters()))

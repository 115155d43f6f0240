"""One adapter folded into the base's weights, as ONNX: what the stack of adapters is compared with in speed.

  python3 merge_adapter.py NAME OUT.onnx [RUNS]
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from export_onnx import load
from lora import LoraLinear
from train import ADAPTERS, RUNS


class Merged(nn.Module):
    """The released graph without its adapter inputs."""

    def __init__(self, model, row):
        super().__init__()
        self.model = model
        layout = model.layout
        with torch.no_grad():
            for module in model.modules():
                if isinstance(module, LoraLinear):
                    low_rank = layout.take(row, module.a) @ layout.take(row, module.b)
                    module.linear.weight += module.scale * low_rank.t()
            model.stack[0] = row
        self.row = row[None]

    def forward(self, canvas):
        return self.model.calibrated(*self.model.slots(canvas, None), self.row)


if __name__ == "__main__":
    name, out = sys.argv[1:3]
    model, _ = load(Path(sys.argv[3]) if sys.argv[3:] else RUNS)
    row = model.stack[ADAPTERS.index(name)].detach().clone()
    canvas = torch.from_numpy(np.random.default_rng(1).standard_normal((2, 128, 128)).astype("float32"))
    with torch.no_grad():
        stacked = model(canvas, torch.full((2,), ADAPTERS.index(name)), model.stack)
        merged = Merged(model, row).eval()
        print(f"differs from the stack by {(merged(canvas) - stacked).abs().max():.1e}")
    torch.onnx.export(merged, canvas, out, input_names=["canvas"], output_names=["slots"],
                      dynamic_axes={"canvas": {0: "batch"}, "slots": {0: "batch"}}, opset_version=16)

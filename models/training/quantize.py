"""The frozen base in 8-bit integers: a variant of the released graph of a third of its size that tells the same, bit for bit.

  python3 quantize.py base       rounds runs/base.pt to what 8 bits hold, before adapters are trained on it
  python3 quantize.py release    after export_onnx.py: model.int8.onnx, and model.onnx with exactly its weights

Weights of matrix products and convolutions are symmetric per output channel; the runtime turns them back into floats
when it loads the graph. Adapters are trained on the rounded base and stay floats: what rounding costs, they make up for.
Activations stay floats: a scale for them is taken over a whole batch (DynamicQuantizeLinear), so that what is found in a
canvas would depend on the canvases beside it, and samples replayed would give other events.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

from export_onnx import RELEASED
from model import ChirpViT
from train import ADAPTERS, RUNS

LARGEST = 127
# Normalisations that the graph has folded into convolutions change the last bits of a weight, and no more.
SAME = 1e-5
FILE, KIND = "model.int8.onnx", "int8"
# The axis of output channels of each operator's weight, by its number of axes.
OUTPUT_AXIS = {("MatMul", 2): 1, ("Gemm", 2): 0, ("Conv", 4): 0}


def quantised_weight(weight, axis):
    """Returns int8 of the same shape, and the scales that broadcast to it."""
    others = tuple(i for i in range(weight.ndim) if i != axis)
    scale = np.maximum(np.abs(weight).max(others, keepdims=True), 1e-12) / LARGEST
    return np.round(weight / scale).astype(np.int8), scale.astype(np.float32)


def round_weights(model):
    """The PyTorch model with the weights that the int8 variant has; those of adapters stay as they are."""
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight, scale = quantised_weight(module.weight.detach().numpy(), 0)
            module.weight.data = torch.from_numpy(weight * scale)
    return model


def quantise(model):
    """The graph with every constant weight in int8. Returns it and how many there were."""
    graph = model.graph
    weights = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    restored, done = [], {}
    for node in graph.node:
        name = node.input[1] if len(node.input) > 1 else None
        axis = OUTPUT_AXIS.get((node.op_type, weights[name].ndim)) if name in weights else None
        if axis is None:
            continue
        if name not in done:
            q, scale = quantised_weight(weights[name], axis)
            done[name] = f"{name}_restored"
            graph.initializer.extend([numpy_helper.from_array(q, f"{name}_q"), numpy_helper.from_array(scale, f"{name}_s")])
            restored += [
                helper.make_node("Cast", [f"{name}_q"], [f"{name}_f"], to=onnx.TensorProto.FLOAT),
                helper.make_node("Mul", [f"{name}_f", f"{name}_s"], [done[name]]),
            ]
        node.input[1] = done[name]
    nodes = restored + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in graph.node for name in node.input}
    kept = [t for t in graph.initializer if t.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return model, len(done)


def dequantised(model, rounded):
    """The float graph `model` with the weights that the runtime makes of `rounded`. Returns the largest change, relative."""
    parts = {t.name: numpy_helper.to_array(t) for t in rounded.graph.initializer}
    largest = 0.0
    for tensor in model.graph.initializer:
        if f"{tensor.name}_q" not in parts:
            continue
        weight = numpy_helper.to_array(tensor)
        restored = parts[f"{tensor.name}_q"].astype(np.float32) * parts[f"{tensor.name}_s"]
        largest = max(largest, float(np.abs(restored - weight).max() / np.abs(weight).max()))
        tensor.CopyFrom(numpy_helper.from_array(restored, tensor.name))
    return largest


def round_base(runs):
    path = runs / "base.pt"
    state = torch.load(path, map_location="cpu")
    model = ChirpViT(state["width"], state["depth"], n_adapters=len(ADAPTERS), refine=state["head"] == "refined")
    model.load_state_dict(state["average"])
    state["average"] = round_weights(model).state_dict()
    torch.save(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").rename(path)
    print(f"rounded {path}")


def release(folder):
    whole, small = (onnx.load(str(folder / "model.onnx")) for _ in range(2))
    small, n = quantise(small)
    change = dequantised(whole, small)
    if change > SAME:
        raise SystemExit(f"8 bits change the weights of {folder} by {change:.1e}: round the base first (quantize.py base), "
                         "then train adapters on it and export both")
    manifest = json.loads((folder / "manifest.json").read_text())
    for model, name in ((whole, "model.onnx"), (small, FILE)):
        onnx.checker.check_model(model)
        onnx.save(model, str(folder / name))
    sha256 = lambda name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
    manifest["sha256"] = sha256("model.onnx")
    manifest["variants"] = [{"kind": KIND, "file": FILE, "sha256": sha256(FILE), "tolerance": manifest["golden"]["tolerance"]}]
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"{n} weights, {(folder / FILE).stat().st_size / 1e6:.2f} MB -> {folder / FILE}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["base", "release"])
    parser.add_argument("--name", default="chirp-vit-96")
    parser.add_argument("--out", type=Path, help="folder; models/released/<name> where not given")
    parser.add_argument("--runs", type=Path, default=RUNS)
    args = parser.parse_args()
    if args.step == "base":
        round_base(args.runs)
    else:
        release(args.out or RELEASED / args.name)


if __name__ == "__main__":
    main()

"""The released graph with its weights in 8-bit integers, as a variant beside it, listed in the manifest.

  python3 quantize.py [--name chirp-vit-96]

Weights of matrix products and convolutions are symmetric per output channel; the runtime turns them back into floats
when it loads the graph. Activations stay floats: a scale for them is taken over a whole batch (DynamicQuantizeLinear), so
that what is found in a canvas would depend on the canvases beside it, and samples replayed would give other events.
"""

import argparse
import hashlib
import json

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

from export_onnx import RELEASED

LARGEST = 127
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="chirp-vit-96")
    args = parser.parse_args()
    folder = RELEASED / args.name
    model, n = quantise(onnx.load(str(folder / "model.onnx")))
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / FILE))
    data = (folder / FILE).read_bytes()
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    # Its golden outputs are those of the float32 graph: near them is all that can be asked.
    manifest["variants"] = [{"kind": KIND, "file": FILE, "sha256": hashlib.sha256(data).hexdigest(), "tolerance": 0.05}]
    path.write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"{n} weights, {len(data) / 1e6:.2f} MB -> {folder / FILE}")


if __name__ == "__main__":
    main()

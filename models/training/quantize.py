"""The released graph with its matrix products in 8-bit integers, as a variant beside it, listed in the manifest.

  python3 quantize.py [--name chirp-vit-96]

Weights are symmetric per output channel, in 7 bits: with 8, the 16-bit sums of processors without VNNI may saturate.
Activations are quantised as they come (DynamicQuantizeLinear). Convolutions stay as they are.
"""

import argparse
import hashlib
import json

import numpy as np
import onnx
from onnx import helper, numpy_helper

from export_onnx import RELEASED

LARGEST = 63
FILE, KIND = "model.int8.onnx", "int8"


def quantised_weight(weight):
    """(n_in, n_out) -> int8 of the same shape, and the scale of each column."""
    scale = np.maximum(np.abs(weight).max(0), 1e-12) / LARGEST
    return np.round(weight / scale).astype(np.int8), scale.astype(np.float32)


def quantise(model):
    """The graph with every product by a constant matrix replaced. Returns it and how many there were."""
    graph = model.graph
    weights = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    nodes, done = [], {}
    for node in graph.node:
        name = node.input[1] if node.op_type == "MatMul" else None
        if name not in weights or weights[name].ndim != 2:
            nodes.append(node)
            continue
        out, given = node.output[0], node.input[0]
        if name not in done:
            q, scale = quantised_weight(weights[name])
            graph.initializer.extend([numpy_helper.from_array(q, f"{name}_q"), numpy_helper.from_array(scale, f"{name}_s")])
            done[name] = True
        part = lambda suffix: f"{out}_{suffix}"
        nodes += [
            helper.make_node("DynamicQuantizeLinear", [given], [part("a"), part("as"), part("az")]),
            helper.make_node("MatMulInteger", [part("a"), f"{name}_q", part("az")], [part("i")]),
            helper.make_node("Cast", [part("i")], [part("f")], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [part("as"), f"{name}_s"], [part("s")]),
            helper.make_node("Mul", [part("f"), part("s")], [out]),
        ]
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
    manifest["variants"] = [{"kind": KIND, "file": FILE, "sha256": hashlib.sha256(data).hexdigest(), "tolerance": 0.15}]
    path.write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"{n} matrices, {len(data) / 1e6:.2f} MB -> {folder / FILE}")


if __name__ == "__main__":
    main()

"""Release a trained model: the base as one ONNX graph, each adapter as a small file, their manifest and golden outputs.

  python3 export_onnx.py --name chirp-vit-96

Needs runs/base.pt (or restore.py); takes what runs/adapters.pt, runs/adapters-*.pt and runs/calibration.json hold. The daemon refuses a runtime that does not
give the golden outputs.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from canvas import CONTRACT
from data import TEST_SEED, example
from model import N_SLOTS, ChirpViT
from train import ADAPTERS, RUNS

RELEASED = Path(__file__).parents[1] / "released"
SLOT_FIELDS = ["presence", "onset", "offset", "startFrequency", "middleFrequency", "endFrequency", "onsetSpread",
               "offsetSpread", "startFrequencySpread", "endFrequencySpread", "running"]
# Corpora of the golden canvases, which use the adapters of the same names where these are trained.
GOLDEN = ["slow", "scalp", "wide", "painted"]


def load(runs, base="base", adapters="adapters", calibrated=True):
    """The averaged base, its stack holding every adapter trained so far. Returns the model and what was trained on how much.

    calibrated: as far as runs/calibration.json goes.
    """
    state = torch.load(runs / f"{base}.pt", map_location="cpu")
    model = ChirpViT(state["width"], state["depth"], n_adapters=len(ADAPTERS), refine=state["head"] == "refined")
    model.load_state_dict(state["average"])
    trained = {"base": facts(state, "base")}
    with torch.no_grad():
        model.stack[1:] = model.stack[0]
        # Adapters trained on by themselves replace those trained together.
        for path in [runs / f"{adapters}.pt", *sorted(runs.glob(f"{adapters}-*.pt"))]:
            if not path.exists():
                continue
            tuned = torch.load(path, map_location="cpu")
            for name in tuned.get("only", ADAPTERS[1:]):
                model.stack[ADAPTERS.index(name)] = tuned["average"]["stack"][ADAPTERS.index(name)]
                trained[name] = facts(tuned, name)
        calibration = runs / "calibration.json"
        if calibrated and calibration.exists():
            for name, fitted in json.loads(calibration.read_text()).items():
                row = model.stack[ADAPTERS.index(name)]
                model.layout.take(row, "calibration").copy_(torch.tensor(fitted["calibration"]))
                model.layout.take(row, "spread").copy_(torch.tensor(fitted["spread"]))
    return model.eval(), trained


def facts(state, name):
    """Canvases learned from and minutes of one adapter, with those before it was released last."""
    earlier = state.get("earlier", {}).get(name, {"canvases": 0, "minutes": 0})
    return {"canvases": earlier["canvases"] + state["canvases"], "minutes": round(earlier["minutes"] + state["elapsed"] / 60, 1)}


def golden_inputs(trained):
    """A canvas with one clear chirp of each corpus, and the adapter for it."""
    canvases = []
    for i, name in enumerate(GOLDEN):
        seed, chirps = TEST_SEED + 10**8 + i * 10**6, []
        while len(chirps) != 1 or not chirps[0].counts or chirps[0].local_db < 18:
            seed += 1
            canvas, chirps, _ = example(seed, {name: 1.0})
        canvases.append(canvas)
    return np.stack(canvases), [name if name in trained else "base" for name in GOLDEN]


def write_graph(model, path, canvases, adapters):
    batch = {0: "batch"}
    stack = model.stack.detach()
    inputs = torch.from_numpy(canvases), torch.tensor([ADAPTERS.index(name) for name in adapters]), stack
    torch.onnx.export(
        model, inputs, path, input_names=["canvas", "adapter", "stack"], output_names=["slots"],
        dynamic_axes={"canvas": batch, "adapter": batch, "slots": batch, "stack": {0: "adapters"}}, opset_version=16,
    )
    with torch.no_grad():
        return model(*inputs).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="chirp-vit-96")
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--out", type=Path, help="folder; models/released/<name> where not given")
    args = parser.parse_args()
    out = args.out or RELEASED / args.name
    out.mkdir(parents=True, exist_ok=True)
    model, trained = load(args.runs)
    canvases, adapters = golden_inputs(trained)
    slots = write_graph(model, out / "model.onnx", canvases, adapters)
    (out / "golden.bin").write_bytes(canvases.tobytes() + slots.tobytes())
    # To train on from, and to release one adapter anew without touching the rest (restore.py).
    torch.save(model.state_dict(), out / "weights.pt")
    listed = []
    for name in trained:
        row = model.stack[ADAPTERS.index(name)].detach().numpy().astype("<f4").tobytes()
        (out / f"{name}.adapter").write_bytes(row)
        listed.append({"name": name, "file": f"{name}.adapter", "sha256": hashlib.sha256(row).hexdigest(), **trained[name]})
    evaluation = out / "evaluation.json"
    manifest = {
        "name": args.name,
        "formatVersion": 2,
        "file": "model.onnx",
        "sha256": hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest(),
        "canvas": CONTRACT,
        "inputs": {"canvas": ["batch", 128, 128], "adapter": ["batch"], "stack": ["adapters", model.layout.length]},
        "outputs": {"slots": ["batch", N_SLOTS, len(SLOT_FIELDS)]},
        "slotFields": SLOT_FIELDS,
        "adapters": listed,
        "golden": {"file": "golden.bin", "canvases": len(GOLDEN), "adapters": adapters, "tolerance": 1e-4},
        "training": {"recipe": "models/training/train.py", "seed": 1, "parameters": sum(p.numel() for p in model.parameters())},
        "accuracy": json.loads(evaluation.read_text()) if evaluation.exists() else None,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"wrote {out / 'model.onnx'} ({(out / 'model.onnx').stat().st_size / 1e6:.2f} MB), adapters trained: {list(trained)}")


if __name__ == "__main__":
    main()

"""Release a trained model: base and adapters in one ONNX graph, its manifest, and golden outputs for self-tests.

  python3 export_onnx.py --name chirp-vit-96

Needs runs/base.pt; takes the adapters that runs/ holds. The daemon refuses a runtime that does not give the golden outputs.
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
from train import ADAPTERS, MIX, RUNS

RELEASED = Path(__file__).parents[1] / "released"
N_GOLDEN = 4


def load(runs):
    """The averaged base with every adapter found in runs/; returns the model and the adapters' names."""
    model = ChirpViT(n_adapters=len(ADAPTERS))
    base = torch.load(runs / "base.pt", map_location="cpu")
    model.load_state_dict(base["average"])
    trained = {"base": {"canvases": base["step"] * 32, "minutes": round(base["elapsed"] / 60, 1)}}
    for index, name in enumerate(ADAPTERS[1:], 1):
        path = runs / f"{name}.pt"
        if path.exists():
            state = torch.load(path, map_location="cpu")
            trained[name] = {"canvases": state["step"] * 32, "minutes": round(state["elapsed"] / 60, 1)}
            with torch.no_grad():
                for key, value in model.state_dict().items():
                    if "lora_" in key:
                        value[index] = state["average"][key][index]
    calibration = runs / "calibration.json"
    if calibration.exists():
        fitted = json.loads(calibration.read_text())
        model.calibration.copy_(torch.tensor([fitted["slope"], fitted["shift"]]))
    return model.eval(), trained


def adapter_sha256(model, index):
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        if "lora_" in key:
            digest.update(value[index].numpy().tobytes())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="chirp-vit-96")
    parser.add_argument("--runs", type=Path, default=RUNS)
    args = parser.parse_args()
    out = RELEASED / args.name
    out.mkdir(parents=True, exist_ok=True)
    model, trained = load(args.runs)

    canvases = np.stack([example(TEST_SEED + 10**6 + i, MIX)[0] for i in range(N_GOLDEN)])
    adapters = np.arange(N_GOLDEN) % len(ADAPTERS)
    inputs = torch.from_numpy(canvases), torch.from_numpy(adapters)
    batch = {0: "batch"}
    torch.onnx.export(
        model, inputs, out / "model.onnx", input_names=["canvas", "adapter"], output_names=["slots"],
        dynamic_axes={"canvas": batch, "adapter": batch, "slots": batch}, opset_version=16,
    )
    with torch.no_grad():
        slots = model(*inputs).numpy()
    (out / "golden.bin").write_bytes(canvases.tobytes() + slots.tobytes())
    evaluation = out / "evaluation.json"
    manifest = {
        "name": args.name,
        "formatVersion": 1,
        "file": "model.onnx",
        "sha256": hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest(),
        "canvas": CONTRACT,
        "inputs": {"canvas": ["batch", 128, 128], "adapter": ["batch"]},
        "outputs": {"slots": ["batch", N_SLOTS, 11]},
        "slotFields": ["presence", "onset", "offset", "startFrequency", "middleFrequency", "endFrequency", "onsetSpread",
                       "offsetSpread", "startFrequencySpread", "endFrequencySpread", "running"],
        "adapters": [
            # A profile without trained weights has zeros there: it is the base.
            {"name": name, "index": i, "trained": name in trained, "sha256": adapter_sha256(model, i)}
            for i, name in enumerate(ADAPTERS)
        ],
        "golden": {"file": "golden.bin", "canvases": N_GOLDEN, "adapters": adapters.tolist(), "tolerance": 1e-3},
        "training": {"recipe": "models/training/train.py", "seed": 1, "trained": trained,
                     "parameters": sum(p.numel() for p in model.parameters())},
        "accuracy": json.loads(evaluation.read_text()) if evaluation.exists() else None,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"wrote {out / 'model.onnx'} ({(out / 'model.onnx').stat().st_size / 1e6:.2f} MB), adapters trained: {list(trained)}")


if __name__ == "__main__":
    main()

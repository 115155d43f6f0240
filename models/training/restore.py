"""A released model as checkpoints in runs/ again, to release some of it anew and leave the rest as it is.

  python3 restore.py [--name chirp-vit-96]
"""

import argparse
import json
from pathlib import Path

import torch

from export_onnx import RELEASED
from model import ChirpViT
from train import ADAPTERS, RUNS, uncalibrated


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="chirp-vit-96")
    parser.add_argument("--runs", type=Path, default=RUNS)
    args = parser.parse_args()
    args.runs.mkdir(parents=True, exist_ok=True)
    released = RELEASED / args.name
    weights = torch.load(released / "weights.pt", map_location="cpu")
    adapters = {a["name"]: a for a in json.loads((released / "manifest.json").read_text())["adapters"]}
    width = weights["position"].shape[2]
    depth = len({key.split(".")[1] for key in weights if key.startswith("blocks.")})
    layout = ChirpViT(width, depth).layout
    calibration = {name: {k: layout.take(weights["stack"][ADAPTERS.index(name)], k).tolist() for k in ("calibration", "spread")}
                   for name in adapters}
    weights["stack"] = torch.stack([uncalibrated(layout, row) for row in weights["stack"]])
    tuned = [name for name in adapters if name != "base"]
    for file, name, only in (("base", "base", []), ("adapters", tuned[0], tuned)):
        facts = adapters[name]
        state = dict(average=weights, canvases=0, elapsed=0.0, earlier=adapters, only=only, width=width, depth=depth, head="refined")
        torch.save(state, args.runs / f"{file}.pt")
    (args.runs / "calibration.json").write_text(json.dumps(calibration, indent=1))
    print(f"{released} -> {args.runs}: base, {', '.join(tuned)}")


if __name__ == "__main__":
    main()

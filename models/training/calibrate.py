"""Fit presence and interval widths of each adapter on validation canvases; writes runs/calibration.json.

  python3 calibrate.py [-n 1500]
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from canvas import PROFILES
from export_onnx import load
from metrics import match, suppress
from model import SPREAD_FIELDS
from data import VALIDATION_SEED
from predict import SET, canvases, predict
from train import RUNS

# Slots fainter than this are not looked at by anybody.
FLOOR = 0.01


def platt(presence, is_hit):
    """Slope and shift of the logit that make presence the share of hits (Platt 1999)."""
    presence = np.clip(presence, 1e-6, 1 - 1e-6)
    logit = torch.from_numpy(np.log(presence / (1 - presence)))
    hit = torch.from_numpy(is_hit.astype(float))
    fitted = torch.tensor([1.0, 0.0], dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([fitted], max_iter=100)

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(fitted[0] * logit + fitted[1], hit)
        loss.backward()
        return loss

    optimizer.step(closure)
    return fitted.tolist()


def fit(model, corpus, adapter, n):
    made = canvases(corpus, VALIDATION_SEED + SET, n)
    raw = predict(model, np.stack([canvas for canvas, _ in made]), adapter)
    presence, is_hit, errors = [], [], []
    for slots, (_, chirps) in zip(raw, made):
        profile = PROFILES["wide" if corpus == "painted" else corpus]
        pairs, _, false = match(suppress(slots, FLOOR), chirps, profile)
        presence += [s[0] for s, _ in pairs] + [s[0] for s in false]
        is_hit += [1] * len(pairs) + [0] * len(false)
        truth = lambda c: np.array([c.onset, c.offset, c.start, c.middle, c.end])[SPREAD_FIELDS]
        errors += [np.abs(s[1:6][SPREAD_FIELDS] - truth(c)) / s[6:10] for s, c in pairs if s[0] >= 0.3]
    spread = np.quantile(errors, 0.9, axis=0)
    return {"calibration": platt(np.array(presence), np.array(is_hit)), "spread": spread.tolist(), "slots": len(presence)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=1500, help="canvases for each adapter")
    parser.add_argument("--runs", type=Path, default=RUNS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    path = args.runs / "calibration.json"
    path.unlink(missing_ok=True)
    model, trained = load(args.runs)
    fitted = {}
    for adapter in trained:
        fitted[adapter] = fit(model, "slow" if adapter == "base" else adapter, adapter, args.n)
        slope, shift = fitted[adapter]["calibration"]
        print(f"{adapter}: presence = sigmoid({slope:.3f} * logit {shift:+.3f}), spreads x {np.round(fitted[adapter]['spread'], 2)},"
              f" on {fitted[adapter]['slots']} slots", flush=True)
    path.write_text(json.dumps(fitted, indent=1))


if __name__ == "__main__":
    main()

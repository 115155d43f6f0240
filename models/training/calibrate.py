"""Fit presence and interval widths of each adapter on validation canvases; writes runs/calibration.json.

  python3 calibrate.py [-n 4000] [--only wide painted]     the others keep theirs
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
from train import ADAPTERS, RUNS

# Slots fainter than this, before and after calibration, are not looked at by anybody; from TOLD on a slot is told.
FLOOR, LOOKED_AT, TOLD = 0.01, 0.05, 0.5


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


def outcomes(model, corpus, adapter, n, piece=500):
    """Of n validation canvases: presence and whether a hit, by slot; errors over predicted half-widths of the hits, and which."""
    profile = PROFILES["wide" if corpus == "painted" else corpus]
    presence, is_hit, errors = [], [], []
    for first in range(0, n, piece):
        made = canvases(corpus, VALIDATION_SEED + SET + first, min(piece, n - first))
        raw = predict(model, np.stack([canvas for canvas, _ in made]), adapter)
        for slots, (_, chirps) in zip(raw, made):
            pairs, _, false = match(suppress(slots, FLOOR), chirps, profile)
            presence += [s[0] for s, _ in pairs] + [s[0] for s in false]
            is_hit += [True] * len(pairs) + [False] * len(false)
            truth = lambda c: np.array([c.onset, c.offset, c.start, c.middle, c.end])[SPREAD_FIELDS]
            errors += [np.abs(s[1:6][SPREAD_FIELDS] - truth(c)) / s[6:10] for s, c in pairs]
            errors += [[np.nan] * len(SPREAD_FIELDS)] * len(false)
    return np.array(presence), np.array(is_hit), np.array(errors)


def fit(presence, is_hit, errors):
    """Calibration and spread of what `outcomes` gives."""
    logit = np.log(np.clip(presence, 1e-6, 1 - 1e-6) / (1 - np.clip(presence, 1e-6, 1 - 1e-6)))
    calibrated = lambda fitted: 1 / (1 + np.exp(-(fitted[0] * logit + fitted[1])))
    # The many faint slots, which nobody looks at, would bend the line for the others.
    fitted = platt(presence, is_hit)
    for _ in range(3):
        looked_at = calibrated(fitted) >= LOOKED_AT
        fitted = platt(presence[looked_at], is_hit[looked_at])
    told = is_hit & (calibrated(fitted) >= TOLD)
    return {"calibration": fitted, "spread": np.quantile(errors[told], 0.9, axis=0).tolist(), "slots": int(looked_at.sum())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=4000, help="canvases for each adapter")
    parser.add_argument("--only", nargs="+", choices=ADAPTERS, help="adapters to calibrate; all where not given")
    parser.add_argument("--runs", type=Path, default=RUNS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    path = args.runs / "calibration.json"
    kept = json.loads(path.read_text()) if args.only and path.exists() else {}
    model, trained = load(args.runs, calibrated=False)
    for adapter in args.only or trained:
        found = outcomes(model, "slow" if adapter == "base" else adapter, adapter, args.n)
        kept[adapter] = fit(*found)
        slope, shift = kept[adapter]["calibration"]
        print(f"{adapter}: presence = sigmoid({slope:.3f} * logit {shift:+.3f}), spreads x {np.round(kept[adapter]['spread'], 2)},"
              f" on {kept[adapter]['slots']} slots", flush=True)
    path.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()

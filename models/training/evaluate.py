"""Calibrate on validation canvases, then measure on test canvases that nothing was chosen on.

  python3 evaluate.py calibrate       writes runs/calibration.json
  python3 evaluate.py test            writes evaluation.json beside the released model, prints the tables
"""

import argparse
import json

import numpy as np
import torch

from canvas import PROFILES
from data import TEST_SEED, VALIDATION_SEED
from export_onnx import RELEASED, load
from metrics import score, suppress
from ridge_follower import follow
from synth import make_canvas
from train import ADAPTERS, RUNS

FLOOR = 0.05


def canvases(profile, first_seed, n, **kinds):
    return [make_canvas(np.random.default_rng(first_seed + i), PROFILES[profile], **kinds) for i in range(n)]


def predict(model, made, adapter_index):
    slots = []
    with torch.no_grad():
        for i in range(0, len(made), 64):
            x = torch.from_numpy(np.stack([canvas for canvas, _ in made[i : i + 64]]))
            slots.append(model(x, torch.full((len(x),), adapter_index, dtype=torch.long)).numpy())
    return np.concatenate(slots)


def scored(model, made, profile, adapter_index, floor):
    """(presence, is a hit) of every slot, and the chirps that were missed, over all canvases."""
    span, band = PROFILES[profile].span_seconds, PROFILES[profile].fs / 2
    found, missed, pairs = [], [], []
    for raw, (_, chirps) in zip(predict(model, made, adapter_index), made):
        # Tolerances of 3 s and 1 Hz on a 60 s x 16 Hz canvas, the same parts of other canvases.
        p, m, false = score(suppress(raw, floor), chirps, span, band, span / 20, band / 16)
        found += [(s[0], 1) for s, _ in p] + [(s[0], 0) for s in false]
        missed += m
        pairs += p
    return np.array(found).reshape(-1, 2), missed, pairs


def calibrate(args):
    """Platt scaling of presence, on validation canvases of the `slow` and `scalp` profiles."""
    model, trained = load(args.runs)
    model.calibration.copy_(torch.tensor([1.0, 0.0]))
    found = []
    for profile in ("slow", "scalp"):
        index = ADAPTERS.index(profile) if profile in trained else 0
        found.append(scored(model, canvases(profile, VALIDATION_SEED, args.n), profile, index, 0.01)[0])
    found = np.concatenate(found)
    logit = torch.from_numpy(np.log(found[:, 0] / (1 - found[:, 0])))
    hit = torch.from_numpy(found[:, 1])
    parameters = torch.tensor([1.0, 0.0], dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([parameters], max_iter=100)

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(parameters[0] * logit + parameters[1], hit)
        loss.backward()
        return loss

    optimizer.step(closure)
    fitted = {"slope": parameters[0].item(), "shift": parameters[1].item(), "slots": len(found)}
    (args.runs / "calibration.json").write_text(json.dumps(fitted))
    print(f"presence = sigmoid({fitted['slope']:.3f} * logit {fitted['shift']:+.3f}), fitted on {len(found)} slots")


def detection_table(model, profile, index, n):
    made = canvases(profile, TEST_SEED, n)
    found, missed, pairs = scored(model, made, profile, index, FLOOR)
    truths = len(pairs) + len(missed)
    at = found[found[:, 0] >= 0.5]
    hits = at[:, 1].sum()
    precision, recall = hits / max(1, len(at)), hits / max(1, truths)
    bins = np.clip((found[:, 0] * 10).astype(int), 0, 9)
    calibration_error = sum(
        (bins == b).sum() / len(found) * abs(found[bins == b, 0].mean() - found[bins == b, 1].mean())
        for b in range(10) if (bins == b).any()
    )
    loud = [c for c in missed if c.snr_db >= 10]
    span, band = PROFILES[profile].span_seconds, PROFILES[profile].fs / 2
    errors = np.array([[abs(s[1] - c.onset) * span, abs(s[2] - c.offset) * span, abs(s[3] - c.start) * band,
                        abs(s[5] - c.end) * band] for s, c in pairs if s[0] >= 0.5])
    inside = np.array([[abs(s[1] - c.onset) <= s[6], abs(s[3] - c.start) <= s[8]] for s, c in pairs if s[0] >= 0.5])
    return {
        "canvases": n, "chirps": truths, "precision": precision, "recall": recall,
        "f1": 2 * precision * recall / max(1e-9, precision + recall), "missedOver10Db": len(loud),
        "expectedCalibrationError": calibration_error,
        "medianError": dict(zip(("onsetSeconds", "offsetSeconds", "startHz", "endHz"), np.median(errors, 0).tolist())),
        "coverage90": dict(zip(("onset", "startFrequency"), inside.mean(0).tolist())),
    }


def localisation_table(model, profile, index, n):
    """One chirp on every canvas, as in the published task: model, ridge follower and a constant, side by side."""
    made = [m for m in canvases(profile, TEST_SEED + 10**7, n, n_chirps=1) if len(m[1]) == 1 and m[1][0].counts]
    truth = np.array([[c.onset, c.start, c.end] for _, (c,) in made])
    prior = [c for _, chirps in canvases(profile, VALIDATION_SEED, n, n_chirps=1) for c in chirps if c.counts]
    guesses = {
        "model": predict(model, made, index)[:, 0, [1, 3, 5]],
        "ridge follower": np.array([np.array(follow(canvas))[[0, 2, 3]] for canvas, _ in made]),
        "constant": np.tile(np.median([[c.onset, c.start, c.end] for c in prior], 0), (len(made), 1)),
    }
    scale = np.array([PROFILES[profile].span_seconds, PROFILES[profile].fs / 2, PROFILES[profile].fs / 2])
    table = {"canvases": len(made)}
    for name, guess in guesses.items():
        error = np.abs(guess - truth) * scale
        names = ("onsetSeconds", "startHz", "endHz")
        table[name] = {
            "median": dict(zip(names, np.median(error, 0).tolist())),
            "p95": dict(zip(names, np.quantile(error, 0.95, axis=0).tolist())),
            "onsetOffBy3s": float((error[:, 0] > scale[0] / 20).mean()),
            "r": None if name == "constant" else dict(
                zip(names, (float(np.corrcoef(guess[:, i], truth[:, i])[0, 1]) for i in range(3)))
            ),
        }
    return table


def test(args):
    model, trained = load(args.runs)
    out = {"seed": TEST_SEED, "note": "synthetic canvases, separately seeded; tolerances 3 s and 1 Hz on slow canvases"}
    for profile in ("slow", "scalp"):
        index = ADAPTERS.index(profile) if profile in trained else 0
        out[profile] = {
            "adapter": ADAPTERS[index],
            "detection": detection_table(model, profile, index, args.n),
            "detectionBaseOnly": detection_table(model, profile, 0, args.n) if index else None,
            "localisation": localisation_table(model, profile, index, args.n),
        }
    path = RELEASED / args.name / "evaluation.json"
    path.write_text(json.dumps(out, indent=2, default=float) + "\n")
    print(json.dumps(out, indent=1, default=float))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["calibrate", "test"])
    parser.add_argument("--name", default="chirp-vit-96")
    parser.add_argument("--runs", type=type(RUNS), default=RUNS)
    parser.add_argument("-n", type=int, default=1500, help="canvases a table")
    args = parser.parse_args()
    torch.set_num_threads(1)
    {"calibrate": calibrate, "test": test}[args.what](args)

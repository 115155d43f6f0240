"""Measure a trained model on test canvases that nothing was chosen on; writes evaluation.json and report.npz (for plots).

  python3 evaluate.py [--name chirp-vit-96] [-n 1000]
  python3 evaluate.py --only painted wide    these parts anew, beside what is there
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from artifacts import KINDS
from canvas import COLUMNS, PROFILES, WHITENING
from export_onnx import RELEASED, load
from metrics import FREQUENCY_HZ, ONSET_SECONDS, calibration_error, f1, match, suppress
from painted import HERTZ, SECONDS
from data import TEST_SEED
from predict import SET, canvases, predict
from ridge_follower import follow
from train import RUNS

THRESHOLD, FLOOR = 0.5, 0.05
# Painted canvases are cheap, and a handful of gross misses decides about r.
PAINTED_SHARE = 10
SNR_DB = list(range(-15, 16, 3))
FIELDS = ("onset", "start", "end")


def found_at(model, made, adapter, floor):
    raw = predict(model, np.stack([canvas for canvas, _ in made]), adapter)
    return [suppress(slots, floor) for slots in raw]


def counts(found, made, profile, threshold=THRESHOLD):
    """Hits, false slots and misses over canvases."""
    hits = false = missed = 0
    for slots, (_, chirps) in zip(found, made):
        p, m, f = match([s for s in slots if s[0] >= threshold], chirps, profile)
        hits, false, missed = hits + len(p), false + len(f), missed + len(m)
    return hits, false, missed


def by_snr(model, name, n):
    """Event F1 with every chirp of a set at the same SNR."""
    rows = []
    for k, snr in enumerate(SNR_DB):
        made = canvases(name, TEST_SEED + (2 + k) * SET, n, snr_db=float(snr))
        hits, false, missed = counts(found_at(model, made, name, THRESHOLD), made, PROFILES[name])
        rows.append({"snrDb": snr, "canvases": n, "chirps": hits + missed, "recall": hits / max(1, hits + missed),
                     "precision": hits / max(1, hits + false), "f1": f1(hits, false, missed)})
    return rows


def detection(model, name, n):
    """The broad mix: detection, calibration, coverage of intervals, errors of what was found.

    A perfectly calibrated presence has an `expectedCalibrationError` too, for so few slots: `calibrationErrorByChance`.
    """
    profile = PROFILES[name]
    made = canvases(name, TEST_SEED, n)
    found = found_at(model, made, name, FLOOR)
    hits, false, missed = counts(found, made, profile)
    presence, is_hit, pairs = [], [], []
    for slots, (_, chirps) in zip(found, made):
        p, _, f = match(slots, chirps, profile)
        presence += [s[0] for s, _ in p] + [s[0] for s in f]
        is_hit += [1] * len(p) + [0] * len(f)
        pairs += [(s, c) for s, c in p if s[0] >= THRESHOLD]
    presence, is_hit = np.array(presence), np.array(is_hit)
    error, reliability = calibration_error(presence, is_hit)
    rng = np.random.default_rng(0)
    by_chance = np.mean([calibration_error(presence, rng.random(len(presence)) < presence)[0] for _ in range(100)])
    s, c = np.array([s for s, _ in pairs]), np.array([[c.onset, c.offset, c.start, c.end] for _, c in pairs])
    wrong = np.abs(s[:, [1, 2, 3, 5]] - c)
    scale = np.array([profile.span_seconds] * 2 + [profile.fs / 2] * 2)
    names = ("onsetSeconds", "offsetSeconds", "startHz", "endHz")
    return {
        "canvases": n, "chirps": hits + missed, "recall": hits / (hits + missed), "precision": hits / max(1, hits + false),
        "f1": f1(hits, false, missed), "expectedCalibrationError": error, "calibrationErrorByChance": by_chance,
        "reliability": np.array(reliability).tolist(),
        "medianError": dict(zip(names, np.median(wrong * scale, 0))), "p95Error": dict(zip(names, np.quantile(wrong * scale, 0.95, 0))),
        "coverage90": dict(zip(names, (wrong <= s[:, 6:10]).mean(0))),
    }


def false_alarms(model, name, n):
    """Slots over THRESHOLD an hour of one derivation without chirps, seen as canvases that do not overlap."""
    rows = []
    for k, kind in enumerate([None, *KINDS]):
        if kind == "hum" and PROFILES[name].fs < 128:
            continue
        made = canvases(name, TEST_SEED + (20 + k) * SET, n, n_chirps=0, artifact=kind)
        n_false = sum(len(slots) for slots in found_at(model, made, name, THRESHOLD))
        hours = n * PROFILES[name].span_seconds / 3600
        rows.append({"kind": kind or "mixed", "hours": hours, "falseAlarms": n_false, "perHour": n_false / hours})
    return rows


def delays(model, name, n):
    """Seconds from a chirp's onset to the first canvas, two columns apart, that shows it; beside what is allowed."""
    profile, waited, allowed, seed = PROFILES[name], [], [], TEST_SEED + 40 * SET
    while len(waited) < n:
        seed += 1
        canvas, chirps = canvases(name, seed, 1, n_chirps=1, snr_db=6.0)[0]
        if len(chirps) != 1 or not chirps[0].counts or not 0.2 < chirps[0].onset < 0.6 or (canvas == WHITENING["empty"]).all(0).any():
            continue
        c = chirps[0]
        first = int(c.onset * COLUMNS)
        ends = np.arange(first + 2, COLUMNS + 1, 2)
        images = np.full((len(ends), *canvas.shape), WHITENING["empty"], np.float32)
        for image, end in zip(images, ends):
            image[:, COLUMNS - end :] = canvas[:, :end]
        moved = np.abs(c.curve - c.curve[first]) >= 4
        sweep = (np.flatnonzero(moved[first:])[0] if moved[first:].any() else COLUMNS) * profile.hop_seconds
        allowed.append(4.0 * profile.span_seconds / 60 + sweep)
        seen = np.inf
        for end, slots in zip(ends, predict(model, images, name)):
            onset = c.onset + (COLUMNS - end) / COLUMNS
            if any(s[0] >= THRESHOLD and abs(s[1] - onset) * 60 <= 2 * ONSET_SECONDS for s in slots):
                seen = (end - c.onset * COLUMNS) * profile.hop_seconds
                break
        waited.append(seen)
    waited, allowed = np.array(waited), np.array(allowed)
    return {"chirps": n, "snrDb": 6, "medianSeconds": float(np.median(waited)), "medianAllowedSeconds": float(np.median(allowed)),
            "never": float(np.isinf(waited).mean()), "withinAllowed": float((waited <= allowed).mean())}


def localisation(guess, truth):
    """r, median, 95th percentile and gross misses of (n, 3) onset s, start and end Hz."""
    error = np.abs(guess - truth)
    return {name: {"r": float(np.corrcoef(guess[:, i], truth[:, i])[0, 1]), "median": float(np.median(error[:, i])),
                   "p95": float(np.quantile(error[:, i], 0.95)), "over3": float((error[:, i] > 3).mean())}
            for i, name in enumerate(FIELDS)}


def painted(runs, n):
    """The published task: exactly one chirp on every canvas, the strongest slot is the answer."""
    made = canvases("painted", TEST_SEED, n)
    images = np.stack([canvas for canvas, _ in made])
    scale = np.array([SECONDS, HERTZ, HERTZ])
    truth = np.array([[c.onset, c.start, c.end] for _, (c,) in made]) * scale
    table, kept = {"canvases": n}, None
    variants = {"adapter": ("adapters", "painted"), "base": ("adapters", "base"), "heads only": ("heads", "painted"),
                "full fine-tuning": ("full", "painted")}
    for label, (file, adapter) in variants.items():
        if label in ("heads only", "full fine-tuning") and not (runs / f"{file}.pt").exists():
            continue
        model = load(runs, "full" if file == "full" else "base", file)[0]
        guess = predict(model, images, adapter)[:, 0, [1, 3, 5]] * scale
        table[label] = localisation(guess, truth)
        kept = guess if label == "adapter" else kept
    some = min(n, 300)
    followed = np.array([np.array(follow(canvas))[[0, 2, 3]] for canvas in images[:some]]) * scale
    table["ridge follower"] = {"canvases": some, **localisation(followed, truth[:some])}
    return table, kept, truth


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="chirp-vit-96")
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--only", nargs="+", choices=["painted", *PROFILES], help="just these, in the evaluation.json there is")
    parser.add_argument("-n", type=int, default=1000, help="canvases a table")
    args = parser.parse_args()
    torch.set_num_threads(1)
    path = RELEASED / args.name / "evaluation.json"
    model, trained = load(args.runs)
    out = {"seed": TEST_SEED, "threshold": THRESHOLD, "tolerance": {"onsetSeconds": ONSET_SECONDS, "frequencyHz": FREQUENCY_HZ},
           "profiles": {}, **(json.loads(path.read_text()) if args.only else {}), "canvases": args.n, "trained": trained}
    only = args.only or ["painted", *PROFILES]
    if "painted" in only:
        out["painted"], guess, truth = painted(args.runs, PAINTED_SHARE * args.n)
        print(json.dumps(out["painted"], indent=1), flush=True)
        np.savez_compressed(args.runs / "report.npz", guess=guess, truth=truth)
    for name in [name for name in PROFILES if name in only]:
        out["profiles"][name] = {
            "adapter": name if name in trained else "base",
            "detection": detection(model, name, 4 * args.n), "bySnr": by_snr(model, name, args.n // 4),
            "falseAlarms": false_alarms(model, name, args.n // 4), "delay": delays(model, name, args.n // 10),
        }
        print(name, json.dumps(out["profiles"][name], indent=1, default=float), flush=True)
    path.write_text(json.dumps(out, indent=2, default=float) + "\n")


if __name__ == "__main__":
    main()

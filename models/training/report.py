"""Pictures and tables of evaluation.json: report.png and card.md beside the released model.

  python3 report.py [--name chirp-vit-96]
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from export_onnx import RELEASED
from train import RUNS

COLOURS = {"slow": "#0072b2", "scalp": "#d55e00", "wide": "#009e73", "fast": "#cc79a7"}
UNITS = {"onset": "s", "start": "Hz", "end": "Hz"}


def pictures(result, guess, truth, path):
    figure, axes = plt.subplots(3, 3, figsize=(15, 13), constrained_layout=True)
    limits = {"onset": 60, "start": 100, "end": 100}
    for i, (name, unit) in enumerate(UNITS.items()):
        row = result["painted"]["adapter"][name]
        ax = axes[0, i]
        ax.plot([0, limits[name]], [0, limits[name]], color="0.7", lw=1)
        ax.plot(truth[:, i], guess[:, i], ".", ms=2, color="0.1")
        ax.set(title=f"painted: {name}, r = {row['r']:.4f}, median error {row['median']:.2f} {unit}",
               xlabel=f"true ({unit})", ylabel=f"predicted ({unit})")
        ax = axes[1, i]
        ax.hist(np.clip(guess[:, i] - truth[:, i], -3, 3), 121, color="0.3")
        ax.set(title=f"painted: {name}, {100 * row['over3']:.1f} % off by more than 3 {unit}", xlabel=f"error ({unit}), clipped at 3", yscale="log")
    f1_ax, reliability_ax, false_ax = axes[2]
    for name, part in result["profiles"].items():
        rows = part["bySnr"]
        f1_ax.plot([r["snrDb"] for r in rows], [r["f1"] for r in rows], "o-", color=COLOURS[name], label=name)
        points = np.array(part["detection"]["reliability"])
        reliability_ax.plot(points[:, 0], points[:, 1], "o-", color=COLOURS[name], label=name)
        kinds = part["falseAlarms"]
        false_ax.plot([r["perHour"] for r in kinds], [r["kind"] for r in kinds], "o", color=COLOURS[name], label=name)
    f1_ax.set(title="event F1 against SNR", xlabel="SNR (dB, chirp over whole background)", ylim=(0, 1))
    f1_ax.axvline(0, color="0.8"), f1_ax.axhline(0.95, color="0.8", ls="--"), f1_ax.legend()
    reliability_ax.plot([0, 1], [0, 1], color="0.7")
    reliability_ax.set(title="reliability", xlabel="presence", ylabel="share that are chirps")
    false_ax.set(title="false alarms an hour and derivation, by artifact", xlabel="per hour")
    figure.savefig(path, dpi=70)


def by_chance(detection):
    return f" ({detection['calibrationErrorByChance']:.3f})" if "calibrationErrorByChance" in detection else ""


def card(result, manifest):
    painted, lines = result["painted"], []
    add = lines.append
    add(f"# {manifest['name']}\n")
    add("A small vision transformer with LoRA adapters that finds chirps (swept-frequency ridges) on 128 x 128 EEG canvases:")
    add("presence, onset, offset, start, middle and end frequency, intervals, and whether a chirp still runs. Not a medical")
    add("device; a chirp need not be a seizure. This file is written by `models/training/report.py`; all figures come from")
    add("`evaluation.json`, measured on separately seeded test canvases that no choice was made on.\n")
    add(f"Parameters: {manifest['training']['parameters']:,}. Trained on (canvases, each made once and used about four times):")
    add(", ".join(f"{name} {facts['canvases']:,}" for name, facts in result["trained"].items())
        + ". Adapters were trained together at first: these canvases count for each of them.\n")
    add("## Painted benchmark (one chirp on every canvas)\n")
    add(f"{painted['canvases']} canvases. Error columns: median / 95th percentile / share over 3 (s or Hz).\n")
    add("| | r onset | r start | r end | onset (s) | start (Hz) | end (Hz) |\n| --- | --- | --- | --- | --- | --- | --- |")
    for label, row in painted.items():
        if not isinstance(row, dict):
            continue
        cells = [f"{row[k]['r']:.4f}" for k in UNITS]
        cells += [f"{row[k]['median']:.2f} / {row[k]['p95']:.2f} / {100 * row[k]['over3']:.1f} %" for k in UNITS]
        add(f"| {label} | {' | '.join(cells)} |")
    add("\nThe published ViT-B/16 reports r = 0.9841 for onset time.\n")
    add("## Physical synthesis, each profile with its adapter\n")
    tolerance = result["tolerance"]
    add(f"A hit: onset within {tolerance['onsetSeconds']:g} s of a 60 s canvas (in proportion on others), start and end within"
        f" {tolerance['frequencyHz']:g} Hz. Presence over {result['threshold']:g}.\n")
    add("| profile | F1 at 0 dB and up | F1 at -6 dB | recall, precision (mixed) | median error onset, start, end | calibration error (by chance alone) |"
        " 90 % interval covers onset, offset, start, end | false alarms/h (mixed artifacts) | median delay (allowed), s |")
    add("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, part in result["profiles"].items():
        d, loud = part["detection"], [r for r in part["bySnr"] if r["snrDb"] >= 0]
        at6 = next(r for r in part["bySnr"] if r["snrDb"] == -6)
        e, c = d["medianError"], d["coverage90"]
        add(f"| {name} | {min(r['f1'] for r in loud):.2f} to {max(r['f1'] for r in loud):.2f} | {at6['f1']:.2f} |"
            f" {d['recall']:.2f}, {d['precision']:.2f} | {e['onsetSeconds']:.2f} s, {e['startHz']:.2f} Hz, {e['endHz']:.2f} Hz |"
            f" {d['expectedCalibrationError']:.3f}{by_chance(d)} | {' '.join(f'{100 * v:.0f} %' for v in c.values())} |"
            f" {part['falseAlarms'][0]['perHour']:.1f} | {part['delay']['medianSeconds']:.1f} ({part['delay']['medianAllowedSeconds']:.1f}) |")
    add("\nWith weights in 8 bits (`model.variant: int8`) the figures are the same: the base's weights are rounded to what 8 bits hold"
        " before adapters are trained on it, and both graphs give the same bits.")
    add("\n![predicted against true, errors, F1 against SNR, reliability, false alarms](report.png)\n")
    add("## Limits\n")
    add("- Trained on synthetic chirps; real EEG without seizures served as background only (Bonn sets Z and O, one preterm")
    add("  recording, two children after seizures). How it does on real chirps: [real.md](real.md).")
    add("- SNR here compares a chirp with the whole background of its band: a chirp at 1 Hz, where EEG is strongest, is fainter")
    add("  to the eye than one at 12 Hz of the same SNR.")
    add("- The adapter `painted` has only seen canvases with exactly one chirp: its presence says nothing about whether there is one.")
    add("- False alarms are counted for one derivation; a bed has many, and the tracker's rules come on top.\n")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="chirp-vit-96")
    parser.add_argument("--runs", type=Path, default=RUNS)
    args = parser.parse_args()
    out = RELEASED / args.name
    result, manifest = (json.loads((out / f).read_text()) for f in ("evaluation.json", "manifest.json"))
    with np.load(args.runs / "report.npz") as kept:
        pictures(result, kept["guess"], kept["truth"], out / "report.png")
    (out / "card.md").write_text(card(result, manifest))
    print(out / "report.png", out / "card.md")


if __name__ == "__main__":
    main()

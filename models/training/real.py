"""Real recordings as a test set for `chirpd score`: every recording as EDF, with what is known of it beside it.

  python3 real.py prepare          writes runs/real; then, for the marks and the seizures:
    chirpd score runs/real/*/*.edf runs/real/bonn/*/*.edf --chirps runs/real/chirps.csv --empty runs/real/empty.csv \\
      --json runs/real/score.json
  python3 real.py worst            draws the worst misses and false alarms beside the released model

Bonn's text segments and OpenBCI's are written as EDF; EDF files are linked. Annotations (HED-SCORE TSV) say what the
publishers do: ictal files and stretches are seizures, everything else is not. Recordings that training took as background
are left out.
"""

import argparse
import csv
import json
import zipfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from backgrounds import EEG
from export_onnx import RELEASED
from marks.picture import draw_spectrogram
from marks.recording import open_recording
from marks.spectrogram import spectrogram
from train import RUNS

MARKS = Path(__file__).parent / "marks"
# Whole people, also where training took only what follows their seizures.
TRAINED_ON = ("bonn/Z", "bonn/O", "neonatal/demo") + tuple(f"chbmit/{kind}_chb0{n}" for kind in ("ictal", "postictal") for n in (1, 2))
SEIZURE_OF_TLE500 = (350.0, 460.0)


def recordings():
    """Names inside the EEG folder that no training saw."""
    names = [str(p.relative_to(EEG)) for folder in ("chbmit", "icu", "tle500", "neonatal") for p in sorted((EEG / folder).glob("*.edf"))]
    for letter in "NFS":
        with zipfile.ZipFile(EEG / "bonn" / f"{letter}.zip") as archive:
            members = [n.rsplit("/", 1)[-1] for n in archive.namelist() if n.lower().endswith(".txt") and "MACOSX" not in n]
        names += [f"bonn/{letter}.zip/{member}" for member in sorted(members)]
    # Its two text files hold the same samples.
    names += [str(p.relative_to(EEG)) for p in sorted((EEG / "openbci").glob("OpenBCI*.txt"))[:1]]
    return [name for name in names if not name.startswith(TRAINED_ON)]


def edf_name(name):
    """Flat, and unlike the original free of characters that shells and options take for their own."""
    return name.replace(".zip/", "/").rsplit(".", 1)[0].replace("|", "_").replace("+", "p") + ".edf"


def seizures(name, seconds):
    if name.startswith(("chbmit/ictal", "bonn/S", "icu/SZ")):
        return [(0.0, seconds)]
    return [SEIZURE_OF_TLE500] if name.startswith("tle500") else []


def write_edf(path, recording):
    """One data record of all samples; a physical range as wide as the signal needs, in whole microvolts."""
    labels = [f"EEG {label[3:]}" if label.startswith("EXG") else label for label in recording.channels]
    signals = list(recording.channels.values())
    n, seconds = recording.n_samples, recording.seconds
    reach = [max(1, int(np.ceil(np.abs(s).max()))) for s in signals]
    field = lambda values, width: b"".join(str(v)[:width].ljust(width).encode("ascii") for v in values)
    head = field(["0", "X X X X", "Startdate X X X X"], 8)[:8] + field(["X X X X"], 80) + field(["Startdate X X X X"], 80)
    head += field(["01.01.00", "00.00.00", 256 * (1 + len(labels))], 8) + field([""], 44) + field(["1", f"{seconds:.6f}"], 8)
    head += field([len(labels)], 4) + field(labels, 16) + field([""] * len(labels), 80) + field(["uV"] * len(labels), 8)
    head += field([-r for r in reach], 8) + field(reach, 8) + field([-32768] * len(labels), 8) + field([32767] * len(labels), 8)
    head += field([""] * len(labels), 80) + field([n] * len(labels), 8) + field([""] * len(labels), 32)
    digital = [np.clip(np.round((s / r + 1) * 32767.5 - 32768), -32768, 32767).astype("<i2") for s, r in zip(signals, reach)]
    path.write_bytes(head + b"".join(d.tobytes() for d in digital))


def write_annotations(path, intervals, seconds):
    with path.open("w", newline="") as file:
        out = csv.writer(file, delimiter="\t", lineterminator="\n")
        out.writerow(["onset", "duration", "eventType", "confidence", "channels", "dateTime", "recordingDuration"])
        for start, end in intervals:
            out.writerow([f"{start:.2f}", f"{end - start:.2f}", "sz", "n/a", "n/a", "2000-01-01 00:00:00", f"{seconds:.2f}"])
        if not intervals:
            out.writerow(["0.00", f"{seconds:.2f}", "bckg", "n/a", "n/a", "2000-01-01 00:00:00", f"{seconds:.2f}"])


def prepare(out):
    names = recordings()
    for name in names:
        path = out / edf_name(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        recording = open_recording(name)
        if name.endswith(".edf"):
            path.unlink(missing_ok=True)
            path.symlink_to((EEG / name).resolve())
        else:
            write_edf(path, recording)
        write_annotations(path.with_suffix(".tsv"), seizures(name, recording.seconds), recording.seconds)
    for table in ("chirps.csv", "empty.csv"):
        with (MARKS / table).open(newline="") as file:
            rows = list(csv.reader(file))
        kept = [[edf_name(row[0]), *row[1:]] for row in rows[1:] if row[0] in names]
        with (out / table).open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([rows[0], *kept])
        print(f"{table}: {len(kept)} of {len(rows) - 1}")
    print(f"{len(names)} recordings in {out}")


def worst(out, released, n=5):
    """Pictures of the n longest marked chirps that were missed and the n surest chirps where nobody marked one."""
    names = {str((out / edf_name(name)).resolve() if not name.endswith(".edf") else (EEG / name).resolve()): name for name in recordings()}
    missed, false = [], []
    for recording in json.loads((out / "score.json").read_text())["recordings"]:
        name = names[str(Path(recording["file"]).resolve())]
        for profile, scores in recording["chirps"].items():
            missed += [(name, profile, label) for label in scores["labels"] if not label["isFound"]]
            false += [(name, profile, event) for event in scores["surplus"]]
    missed.sort(key=lambda m: m[2]["onsetSeconds"] - m[2]["offsetSeconds"])
    false.sort(key=lambda f: -f[2]["score"])
    rows = [("missed", *m) for m in missed[:n]] + [("false alarm", *f) for f in false[:n]]
    figure, axes = plt.subplots(len(rows), 1, figsize=(11, 2.6 * len(rows)), squeeze=False, layout="constrained")
    for (what, name, profile, seen), axis in zip(rows, axes[:, 0]):
        recording = open_recording(name)
        known = [d for d in seen["derivations"] if d in recording.derivations()] or recording.derivations()[:1]
        shown = spectrogram(recording, "+".join(known[:3]), profile, max(0, seen["onsetSeconds"] - 25), seen["offsetSeconds"] + 25)
        draw_spectrogram(axis, shown, title=f"{what}: {name} {'+'.join(known[:3])} {profile}")
        told = seen if what == "false alarm" else seen.get("event")
        for chirp, colour in ((seen if what == "missed" else None, "white"), (told, "red")):
            if chirp:
                ends = [chirp[k] for k in ("startFrequencyHz", "endFrequencyHz")] if "startFrequencyHz" in chirp else [chirp["startHz"], chirp["endHz"]]
                axis.plot([chirp["onsetSeconds"], chirp["offsetSeconds"]], ends, color=colour, lw=1, marker="o", ms=3)
    figure.savefig(released / "real.png", dpi=60)
    print(f"{len(missed)} missed, {len(false)} false: {released / 'real.png'} (white: marked, red: told)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["prepare", "worst"])
    parser.add_argument("--out", type=Path, default=RUNS / "real")
    parser.add_argument("--name", default="chirp-vit-96")
    args = parser.parse_args()
    if args.what == "prepare":
        prepare(args.out)
    else:
        worst(args.out, RELEASED / args.name)

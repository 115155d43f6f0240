"""Real recordings as a test set for `chirpd score`: every recording as EDF, with what is known of it beside it.

  python3 real.py prepare --out runs/real      then: chirpd score runs/real/*/*.edf --chirps runs/real/chirps.csv \\
                                                 --empty runs/real/empty.csv --json runs/real/score.json

Bonn's text segments and OpenBCI's are written as EDF; EDF files are linked. Annotations (HED-SCORE TSV) say what the
publishers do: ictal files and stretches are seizures, everything else is not. Recordings that training took as background
are left out.
"""

import argparse
import csv
import zipfile
from pathlib import Path

import numpy as np

from backgrounds import EEG
from marks.recording import open_recording
from train import RUNS

MARKS = Path(__file__).parent / "marks"
TRAINED_ON = ("bonn/Z", "bonn/O", "neonatal/demo", "chbmit/postictal_chb01", "chbmit/postictal_chb02")
SEIZURE_OF_TLE500 = (350.0, 460.0)


def recordings():
    """Names inside the EEG folder that no training saw."""
    names = [str(p.relative_to(EEG)) for folder in ("chbmit", "icu", "tle500", "neonatal") for p in sorted((EEG / folder).glob("*.edf"))]
    for letter in "NFS":
        with zipfile.ZipFile(EEG / "bonn" / f"{letter}.zip") as archive:
            members = [n.rsplit("/", 1)[-1] for n in archive.namelist() if n.lower().endswith(".txt") and "MACOSX" not in n]
        names += [f"bonn/{letter}.zip/{member}" for member in sorted(members)]
    names += [str(p.relative_to(EEG)) for p in sorted((EEG / "openbci").glob("OpenBCI*.txt"))]
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["prepare"])
    parser.add_argument("--out", type=Path, default=RUNS / "real")
    args = parser.parse_args()
    prepare(args.out)

"""Recordings by their name inside the EEG folder, as named derivations in microvolts.

Canonical labels and derivations are the daemon's (pipelines/core/labels.ts, pipelines/dsp/montagePlan.ts): 10-20 names
with T7, T8, P7, P8; the double banana of a bipolar recording; the common average (`F7-avg`) of a referential one.
"""

import os
import re
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np

TEN_TWENTY = "Fp1 F7 T7 P7 O1 F3 C3 P3 Fz Cz Pz Fp2 F4 C4 P4 O2 F8 T8 P8".split()
DOUBLE_BANANA = (
    "Fp1-F7 F7-T7 T7-P7 P7-O1 Fp1-F3 F3-C3 C3-P3 P3-O1 Fz-Cz Cz-Pz Fp2-F4 F4-C4 C4-P4 P4-O2 Fp2-F8 F8-T8 T8-P8 P8-O2"
).split()
RENAMED = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}
BONN_RATE = 173.61
OPENBCI_RATE = 250.0
OPENBCI_CHANNELS = 8


def eeg_folder():
    """Folder of recordings: CHIRPD_EEG_DIR, by default ../shared/eeg from the project's root."""
    return Path(os.environ.get("CHIRPD_EEG_DIR") or Path(__file__).parents[4] / "shared/eeg")


def canonical(label):
    """`EEG T3-Ref` -> `T7`, `FP1-F7` -> `Fp1-F7`, `T8-P8-0` -> `T8-P8`; other labels as they are, trimmed."""
    bare = re.sub(r"-(Ref|LE|[01])$", "", re.sub(r"^EEG ", "", label.strip()), flags=re.IGNORECASE)
    parts = []
    for part in bare.split("-"):
        name = part[:1].upper() + part[1:].lower()
        parts.append(RENAMED.get(name, name))
    return "-".join(parts) if all(re.fullmatch(r"[A-Z][a-z]?[a-z]?\d{0,2}", p) for p in parts) else label.strip()


class Recording:
    """Channels of one recording.

    fs: Hz. channels: {canonical label: (n_samples,) float64, uV}; of a label that repeats, the first.
    """

    def __init__(self, fs, channels):
        self.fs = fs
        self.channels = channels
        self.n_samples = len(next(iter(channels.values())))
        self.seconds = self.n_samples / fs
        self.averaged = [e for e in TEN_TWENTY if e in channels]

    def derivations(self):
        """What the daemon's `auto` montage makes of it."""
        banana = [d for d in DOUBLE_BANANA if d in self.channels]
        recorded = [c for c in self.channels if "-" in c]
        if 2 * len(banana) > len(recorded) and len(banana) >= len(self.averaged):
            return banana
        return [f"{e}-avg" for e in self.averaged] if len(self.averaged) >= 4 else list(self.channels)

    def signal(self, derivation):
        """(n_samples,) uV of a recorded channel, a difference `A-B`, or `A-avg`. KeyError if it is not there."""
        if derivation in self.channels:
            return self.channels[derivation]
        plus, _, minus = derivation.partition("-")
        if minus == "avg":
            return self.channels[plus] - np.mean([self.channels[e] for e in self.averaged], axis=0)
        return self.channels[plus] - self.channels[minus]


@lru_cache(maxsize=4)
def open_recording(name):
    """Recording by its path inside the EEG folder, with `/`; a member of a zip by its file name, case aside:
    `bonn/S.zip/S001.txt`. Raises FileNotFoundError."""
    archive, is_member, member = name.partition(".zip/")
    if is_member:
        return _bonn(eeg_folder() / f"{archive}.zip", member)
    path = eeg_folder() / name
    if not path.exists():
        raise FileNotFoundError(path)
    return _edf(path) if path.suffix == ".edf" else _openbci(path)


def _bonn(archive, member):
    with zipfile.ZipFile(archive) as z:
        for entry in z.namelist():
            if "__MACOSX" not in entry and entry.rsplit("/", 1)[-1].lower() == member.lower():
                return Recording(BONN_RATE, {member[:-4]: np.array(z.read(entry).split(), float)})
    raise FileNotFoundError(f"{archive}/{member}")


def _edf(path):
    import mne

    raw = mne.io.read_raw_edf(path, verbose="ERROR")
    channels = {}
    for label, values in zip(raw.ch_names, raw.get_data() * 1e6):
        channels.setdefault(canonical(label), values)
    return Recording(raw.info["sfreq"], channels)


def _openbci(path):
    lines = [line for line in path.read_text().splitlines() if line[:1].isdigit()]
    values = np.array([[float(v) for v in line.split(",")[1 : OPENBCI_CHANNELS + 1]] for line in lines])
    return Recording(OPENBCI_RATE, {f"EXG{i + 1}": values[:, i] for i in range(OPENBCI_CHANNELS)})

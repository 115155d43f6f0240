"""Real EEG without seizures, as backgrounds to synthesise on.

  python3 backgrounds.py        reads the recordings under CHIRPD_EEG_DIR into runs/backgrounds.npz (once)

Only the training half is read (split by person): Bonn Z and O, a preterm recording, and what follows the seizures of two
children. Everything else is kept for tests. Without recordings, training goes
on with synthetic backgrounds alone and says so.
"""

import functools
import os
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import scipy.signal

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "runs" / "backgrounds.npz"
EEG = Path(os.environ.get("CHIRPD_EEG_DIR", ROOT / ".." / "shared" / "eeg"))


def draw_background(rng, profile, n):
    """A stretch of n samples at profile.fs, uV, zero mean; None where there are no recordings."""
    sources = at_rate(profile.fs)
    if not sources:
        return None
    source = sources[rng.integers(len(sources))]
    stretch = cut(rng, source, n)
    if rng.random() < 0.2:
        other = cut(rng, sources[rng.integers(len(sources))], n)
        stretch = stretch + other * (rng.uniform(0.3, 1) * stretch.std() / (other.std() + 1e-9))
    return stretch - stretch.mean() if stretch.std() > 0.1 else None


def cut(rng, source, n):
    if len(source) < n:
        # Short recordings are mirrored on: no step, and no rhythm that was not there.
        source = np.pad(source, (0, n - len(source)), mode="reflect")
    at = rng.integers(len(source) - n + 1)
    stretch = source[at : at + n] * rng.choice([-1.0, 1.0])
    return stretch[::-1] if rng.random() < 0.5 else stretch


@functools.lru_cache(None)
def at_rate(fs):
    """All recordings at rate fs, those left out that hold nothing at its upper half."""
    if not CACHE.exists():
        return []
    with np.load(CACHE) as stored:
        signals = [(float(key.split("@")[1]), stored[key].astype(np.float32)) for key in stored.files]
    out = []
    for rate, signal in signals:
        if rate < 0.7 * fs:
            continue
        ratio = Fraction(fs / rate).limit_denominator(2000)
        out.append(scipy.signal.resample_poly(signal, ratio.numerator, ratio.denominator, padtype="line"))
    return out


def read_all():
    """(name, rate Hz, signal uV) of every training derivation."""
    for letter in "ZO":
        with zipfile.ZipFile(EEG / "bonn" / f"{letter}.zip") as archive:
            for name in sorted(n for n in archive.namelist() if n.lower().endswith(".txt") and "MACOSX" not in n):
                yield f"bonn/{name}", 173.61, np.array(archive.read(name).split(), float)
    import mne

    names = ["neonatal/demo.edf", "chbmit/postictal_chb01_04_1467.edf", "chbmit/postictal_chb02_19_3369.edf"]
    for name in names:
        raw = mne.io.read_raw_edf(EEG / name, preload=True, verbose="error")
        for channel, signal in zip(raw.ch_names, raw.get_data() * 1e6):
            yield f"{name}/{channel}", raw.info["sfreq"], signal


def main():
    kept, seconds = {}, 0.0
    for name, rate, signal in read_all():
        sos = scipy.signal.butter(2, 0.3, "highpass", fs=rate, output="sos")
        signal = scipy.signal.sosfiltfilt(sos, signal)
        if not 0.5 < signal.std() < 1000:
            continue
        # float16 holds 11 bits: enough for a background.
        kept[f"{name}@{rate}"] = signal.astype(np.float16)
        seconds += len(signal) / rate
    CACHE.parent.mkdir(exist_ok=True)
    np.savez_compressed(CACHE, **kept)
    print(f"{len(kept)} derivations, {seconds / 60:.0f} min -> {CACHE}")


if __name__ == "__main__":
    main()

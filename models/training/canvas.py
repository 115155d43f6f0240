"""The canvas as the daemon computes it: resampling, STFT columns in dB, whitening.

The constants are read from pipelines/core/canvas.json, which the daemon reads too; a test compares the two
implementations on the same samples. Times are seconds, frequencies Hz, signals microvolts.
"""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import scipy.fft

CONTRACT = json.loads((Path(__file__).parents[2] / "pipelines/core/canvas.json").read_text())
ROWS, COLUMNS, NFFT = CONTRACT["rows"], CONTRACT["columns"], CONTRACT["nfft"]
WHITENING = CONTRACT["whitening"]
MINIMUM_VALID_COLUMNS = CONTRACT["minimumValidColumns"]


@dataclass(frozen=True)
class Profile:
    """A band profile: how a canvas looks at the signal."""

    name: str
    fs: float
    hop: int
    taper: int

    @property
    def row_hz(self):
        return self.fs / NFFT

    @property
    def hop_seconds(self):
        return self.hop / self.fs

    @property
    def span_seconds(self):
        return COLUMNS * self.hop_seconds

    @property
    def n_samples(self):
        """Samples under a whole canvas."""
        return (COLUMNS - 1) * self.hop + self.taper


PROFILES = {
    name: Profile(name, p["sampleRate"], p["hopSamples"], p["taperSamples"])
    for name, p in CONTRACT["profiles"].items()
}


def hann(n):
    """Periodic Hann taper."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)


def columns_db(signal, profile):
    """STFT columns of one signal at the analysis rate.

    signal: (n_samples,) uV. Returns (n_columns, ROWS): power density, dB of uV^2/Hz, in the signal's precision.
    """
    frames = np.lib.stride_tricks.sliding_window_view(signal, profile.taper)[:: profile.hop]
    taper = hann(profile.taper).astype(signal.dtype)
    spectrum = scipy.fft.rfft(frames * taper, NFFT)[:, :ROWS]
    power = (spectrum.real**2 + spectrum.imag**2) * (2 / (profile.fs * np.sum(taper**2)))
    power[:, 0] /= 2
    return 10 * np.log10(np.maximum(power, CONTRACT["powerFloor"]))


def whiten(columns, valid=None):
    """A canvas from up to COLUMNS columns.

    columns: (COLUMNS, ROWS) dB, oldest first; valid: (COLUMNS,) bool, False where a column is missing.
    Returns (ROWS, COLUMNS) float32, row 0 = 0 Hz, in units of `decibelsPerUnit` above the row's background.
    """
    if valid is None:
        valid = np.ones(len(columns), bool)
    present = columns[valid]
    rank = int(WHITENING["quantile"] * (len(present) - 1))
    background = np.partition(present, rank, axis=0)[rank]
    canvas = np.full((COLUMNS, ROWS), WHITENING["empty"], np.float32)
    canvas[valid] = np.clip((present - background) / WHITENING["decibelsPerUnit"], WHITENING["low"], WHITENING["high"])
    return np.ascontiguousarray(canvas.T)


def resampler_kernel(distance, fs_in, fs_out):
    """Unnormalised weights of the windowed-sinc resampler at distances in input samples."""
    c = CONTRACT["resampler"]
    fc = c["cutoff"] * fs_out / fs_in
    half_width = c["zeroCrossings"] * fs_in / fs_out
    x = np.clip(1 - (distance / half_width) ** 2, 0, None)
    window = np.i0(c["kaiserBeta"] * np.sqrt(x)) / np.i0(c["kaiserBeta"])
    return np.where(np.abs(distance) <= half_width, 2 * fc * np.sinc(2 * fc * distance) * window, 0)


def resample(signal, fs_in, fs_out):
    """Signal at fs_out; returns (index of the first output on the absolute grid, outputs).

    Output n lies at input position n * fs_in / fs_out; only outputs whose whole kernel lies in the signal are made.
    """
    if fs_in == fs_out:
        return 0, np.asarray(signal, float)
    ratio = fs_in / fs_out
    half_width = CONTRACT["resampler"]["zeroCrossings"] * ratio
    first = int(np.ceil(half_width / ratio))
    last = int(np.floor((len(signal) - 1 - half_width) / ratio))
    out = np.empty(max(0, last - first + 1))
    phases = Fraction(fs_in).limit_denominator(10**6) / Fraction(fs_out).limit_denominator(10**6)
    cache = {}
    for i, n in enumerate(range(first, last + 1)):
        position = n * ratio
        key = n % phases.denominator
        low = int(np.ceil(position - half_width))
        if key not in cache:
            m = np.arange(low, int(np.floor(position + half_width)) + 1)
            weights = resampler_kernel(position - m, fs_in, fs_out)
            cache[key] = weights / weights.sum()
        weights = cache[key]
        out[i] = signal[low : low + len(weights)] @ weights
    return first, out


def analysis_response(profile, frequencies, fs_in=256.0):
    """Amplitude response of the daemon's high-pass and resampler at the given frequencies, for synthesis at profile.fs."""
    fc = CONTRACT["highpassHz"]
    response = frequencies**2 / np.sqrt(frequencies**4 + fc**4)
    if fs_in > profile.fs:
        half_width = int(CONTRACT["resampler"]["zeroCrossings"] * fs_in / profile.fs)
        m = np.arange(-half_width, half_width + 1)
        weights = resampler_kernel(m, fs_in, profile.fs)
        weights = weights / weights.sum()
        response = response * np.abs(np.cos(2 * np.pi * np.outer(frequencies, m) / fs_in) @ weights)
    return response

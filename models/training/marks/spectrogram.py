"""Whitened canvases of a stretch of a recording, with the times and frequencies of their pixels."""

import numpy as np
import scipy.signal

from canvas import COLUMNS, CONTRACT, PROFILES, ROWS, columns_db, resample, whiten


class Spectrogram:
    """One derivation seen through a band profile.

    values: (n_rows, n_columns) canvas units (10 dB above the row's background); seconds: (n_columns,) middle of each
    column, from the file's first sample; hz: (n_rows,).
    """

    def __init__(self, values, seconds, hz):
        self.values, self.seconds, self.hz = values, seconds, hz


def spectrogram(recording, derivations, profile_name, start_s=0.0, end_s=None):
    """The columns of the daemon's grid whose middle lies in start_s..end_s; of several derivations (`A+B+C`), the mean
    of their canvases.

    A stretch that is longer than a canvas is whitened in equal pieces of at most a canvas.
    """
    each = [_one(recording, name, profile_name, start_s, end_s) for name in derivations.split("+")]
    return Spectrogram(np.mean([one.values for one in each], axis=0), each[0].seconds, each[0].hz)


def _one(recording, derivation, profile_name, start_s, end_s):
    profile = PROFILES[profile_name]
    signal = np.asarray(recording.signal(derivation), float)
    sos = scipy.signal.butter(2, CONTRACT["highpassHz"], "highpass", fs=recording.fs, output="sos")
    signal, _ = scipy.signal.sosfilt(sos, signal, zi=scipy.signal.sosfilt_zi(sos) * signal[0])
    first, analysed = resample(signal, recording.fs, profile.fs)
    first_column = -(-first // profile.hop)
    columns = columns_db(analysed[first_column * profile.hop - first :], profile)
    seconds = ((first_column + np.arange(len(columns))) * profile.hop + profile.taper / 2) / profile.fs
    inside = (seconds >= start_s) & (seconds <= (recording.seconds if end_s is None else end_s))
    columns, seconds = columns[inside], seconds[inside]
    pieces = np.array_split(columns, max(1, -(-len(columns) // COLUMNS)))
    values = np.concatenate([_whitened(piece) for piece in pieces], axis=1)
    return Spectrogram(values, seconds, np.arange(ROWS) * profile.row_hz)


def _whitened(piece):
    padded = np.zeros((COLUMNS, ROWS))
    padded[: len(piece)] = piece
    return whiten(padded, np.arange(COLUMNS) < len(piece))[:, : len(piece)]

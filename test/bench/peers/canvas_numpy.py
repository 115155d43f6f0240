"""Whitened canvases after every second column by numpy: COLUMNS N ROWS WIDTH STEP MINIMUM QUANTILE DB LOW HIGH EMPTY.

COLUMNS: raw float32, shape (columns, N, ROWS), dB.
"""

import sys

import numpy as np
import peer

path, *numbers = sys.argv[1:]
n, rows, width, step, minimum, quantile, decibels, low, high, empty = map(float, numbers)
n, rows, width, step, minimum = int(n), int(rows), int(width), int(step), int(minimum)
columns = np.fromfile(path, dtype="<f4").reshape(-1, n, rows)


def canvases():
    ring = np.empty((n, rows, 0), dtype=np.float32)
    for c, column in enumerate(columns):
        ring = np.concatenate([ring[:, :, -(width - 1) :], column[:, :, None]], axis=2)
        n_valid = ring.shape[2]
        if c % step != 0 or n_valid < minimum:
            continue
        rank = int(quantile * (n_valid - 1))
        background = np.partition(ring, rank, axis=2)[:, :, rank, None]
        canvas = np.full((n, rows, width), empty, dtype=np.float32)
        canvas[:, :, width - n_valid :] = np.clip((ring - background) / np.float32(decibels), low, high)
    return canvas


peer.serve(f"numpy {np.__version__}", canvases, canvases)

"""A classical baseline: the strongest smooth path through the canvas (dynamic programming), cut to its best stretch."""

import numpy as np
import scipy.ndimage

from canvas import COLUMNS, ROWS

MAX_STEP = 2
STEP_COST = 0.15
LEVEL = 0.9


def follow(canvas):
    """canvas: (ROWS, COLUMNS). Returns onset, offset, start and end frequency in [0, 1] of the canvas, and the path's gain."""
    image = scipy.ndimage.gaussian_filter(np.maximum(canvas, 0), (1.0, 1.5))
    image[:3] = 0
    gain = image - LEVEL
    best = np.empty((COLUMNS, ROWS))
    came_from = np.zeros((COLUMNS, ROWS), int)
    best[0] = gain[:, 0]
    rows = np.arange(ROWS)
    for j in range(1, COLUMNS):
        options = np.full((2 * MAX_STEP + 1, ROWS), -np.inf)
        for k, step in enumerate(range(-MAX_STEP, MAX_STEP + 1)):
            source = rows + step
            inside = (source >= 0) & (source < ROWS)
            options[k, inside] = best[j - 1, source[inside]] - STEP_COST * abs(step)
        pick = options.argmax(0)
        # A path may begin anywhere: a bad past is forgotten.
        best[j] = np.maximum(options[pick, rows], 0) + gain[:, j]
        came_from[j] = np.where(options[pick, rows] > 0, rows + pick - MAX_STEP, -1)
    end, row = np.unravel_index(best.argmax(), best.shape)
    path, j = [], end
    while j >= 0 and row >= 0:
        path.append(row)
        row = came_from[j, row]
        j -= 1
    path = np.array(path[::-1])
    smooth = scipy.ndimage.median_filter(path, 5, mode="nearest")
    start = end - len(path) + 1
    return (start / COLUMNS, (end + 1) / COLUMNS, (smooth[0] + 0.5) / ROWS, (smooth[-1] + 0.5) / ROWS, float(best.max()))

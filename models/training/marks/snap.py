"""From points that a person read off a picture to the curve of the ridge."""

import numpy as np

from canvas import PROFILES
from marks.recording import open_recording
from marks.spectrogram import spectrogram
from marks.tables import Chirp, points

# Rows on either side of the line between two anchors in which the ridge is looked for.
REACH_ROWS = 4
# Cost, in canvas units, of a step by one row from a column to the next, and of leaving the line by the whole reach.
BEND_COST = 0.15
DISTANCE_COST = 0.5


def snap(mark):
    """The chirp of an Anchors row: between the first and last anchor, the path of most power in the mean canvas of the
    marked derivations (Viterbi), never further than REACH_ROWS from the line through the anchors."""
    anchors = np.array(points(mark.anchors))
    profile = PROFILES[mark.profile]
    shown = stretch_of(mark, anchors[0, 0], anchors[-1, 0])
    inside = (shown.seconds >= anchors[0, 0]) & (shown.seconds <= anchors[-1, 0])
    columns, seconds = shown.values[:, inside].T, shown.seconds[inside]
    line = np.interp(seconds, *anchors.T) / profile.row_hz
    offsets = np.arange(-REACH_ROWS, REACH_ROWS + 1)
    rows = np.clip(np.round(line)[:, None].astype(int) + offsets, 1, columns.shape[1] - 2)
    distance = (rows - line[:, None]) / REACH_ROWS
    score = np.take_along_axis(columns, rows, axis=1) - DISTANCE_COST * distance**2
    path = rows[np.arange(len(rows)), _best_path(score, rows)]
    low, middle, high = (columns[np.arange(len(path)), path + d] for d in (-1, 0, 1))
    bend = low - 2 * middle + high
    peak = np.where(bend < -1e-6, np.clip(0.5 * (low - high) / np.where(bend < -1e-6, bend, -1), -0.5, 0.5), 0)
    hz = (path + peak) * profile.row_hz
    if len(hz) >= 5:
        hz = np.convolve(np.pad(hz, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    onset, offset = anchors[0, 0], anchors[-1, 0]
    times = np.round(np.linspace(onset, offset, int(np.clip(round((offset - onset) / 2), 5, 12))), 1)
    curve = [(t, round(float(np.interp(t, seconds, hz)), 2)) for t in times]
    text = ";".join(f"{t:g}:{f:g}" for t, f in curve)
    return Chirp(
        mark.file,
        mark.profile,
        mark.derivations,
        *(float(curve[i][0]) for i in (0, -1)),
        *(curve[i][1] for i in (0, -1)),
        text,
        mark.confidence,
        mark.note,
    )


def stretch_of(mark, onset, offset):
    """Mean canvas of a mark's derivations, over at most a canvas around it."""
    spare = max(2.0, (PROFILES[mark.profile].span_seconds - (offset - onset)) / 2 - 1)
    recording = open_recording(mark.file)
    return spectrogram(recording, mark.derivations.replace(";", "+"), mark.profile, onset - spare, offset + spare)


def _best_path(score, rows):
    """Index into each line of `score` of the path that maximises the sum of score less BEND_COST * step^2."""
    total, came_from = score[0], []
    for before, now, gain in zip(rows, rows[1:], score[1:]):
        reached = total[None, :] - BEND_COST * (now[:, None] - before[None, :]) ** 2
        came_from.append(np.argmax(reached, axis=1))
        total = gain + np.max(reached, axis=1)
    path = [int(np.argmax(total))]
    for step in reversed(came_from):
        path.append(int(step[path[-1]]))
    return np.array(path[::-1])

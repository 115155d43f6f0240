"""How well anybody could do on the painted benchmark: the posterior of an observer who knows its recipe and the noise.

  python3 painted_limit.py [-n 200]      r, median, 95th percentile and gross misses of the posterior's mean

The recipe's smoothing can be undone exactly, so the observer sees the image before it: white noise around a ridge of known
shape. Every first column, number of columns, first row, last row and course is weighed by its likelihood; start times are
known to a column (0.47 s) at best.
"""

import argparse
import json

import numpy as np
import scipy.ndimage

from data import VALIDATION_SEED
from evaluate import localisation
from painted import HERTZ, SECONDS, SIZE, paint

# Rows that a chirp sweeps at most, columns it lasts at least and at most, columns it may begin in.
SWEEP, SHORTEST, LONGEST, FIRST = 39, 2, 33, 97
RIDGE = np.exp(-np.arange(-2, 3.0) ** 2)
ENERGY = np.sum(RIDGE**2)


def matched(image):
    """(SIZE, SIZE + LONGEST): log likelihood ratio of a ridge's column at each place, in units of the noise's variance."""
    along = scipy.ndimage.convolve1d(image, RIDGE, axis=0, mode="constant") - ENERGY / 2
    # Beyond the right edge nothing is painted.
    return np.pad(along, ((0, 0), (0, LONGEST))).astype(np.float32)


def courses():
    """Yields columns, last row for each first row (SIZE,), weight (SIZE,), rows (SIZE, columns) of each kind of curve."""
    first = np.arange(SIZE)
    for n in range(SHORTEST, LONGEST + 1):
        for sweep in range(-SWEEP, SWEEP + 1):
            last = first + sweep
            # What would leave the picture ends at its edge.
            beyond = np.where(last == 0, SWEEP + sweep, np.where(last == SIZE - 1, SWEEP - sweep, 0))
            weight = np.where((last >= 0) & (last < SIZE), 1.0 + np.maximum(0, beyond * (sweep != 0)), 0.0)
            low, high, x = first[:, None] + 0.5, last.clip(0, SIZE - 1)[:, None] + 0.5, np.linspace(0, 1, n)
            for rows in (low + (high - low) * x, low * (high / low) ** x):
                yield n, last.clip(0, SIZE - 1), weight, rows.astype(int).clip(0, SIZE - 1)


def posterior_mean(image, table):
    """Start time s, start and end frequency Hz. table: all of `courses`."""
    variance = (1.4826 * np.median(np.abs(image - np.median(image)))) ** 2
    places, best, total, sums = matched(image) / variance, -np.inf, 0.0, np.zeros(3)
    columns = np.arange(FIRST) + 0.5
    for n, last, weight, rows in table:
        score = sum(places[rows[:, k], k : k + FIRST] for k in range(n))
        top = score.max()
        if top > best + 20:
            total, sums, best = total * np.exp(best - top), sums * np.exp(best - top), top
        if top < best - 30:
            continue
        p = weight[:, None] * np.exp(score - best)
        by_row = p.sum(1)
        total += by_row.sum()
        sums += p.sum(0) @ columns, by_row @ (np.arange(SIZE) + 0.5), by_row @ (last + 0.5)
    return sums / total / SIZE * np.array([SECONDS, HERTZ, HERTZ])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=200, help="canvases, some seconds each")
    args = parser.parse_args()
    table, guess, truth = list(courses()), [], []
    for i in range(args.n):
        image, (start, first, last, _, _) = paint(np.random.default_rng(VALIDATION_SEED + i), is_smoothed=False)
        guess.append(posterior_mean(image, table))
        truth.append((start, first, last))
        if (i + 1) % 20 == 0:
            print(f"{i + 1} of {args.n}", flush=True)
    print(json.dumps(localisation(np.array(guess), np.array(truth)), indent=1))


if __name__ == "__main__":
    main()

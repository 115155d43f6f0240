"""The published benchmark's painted canvases: one chirp curve in smoothed white noise.

Recipe of 'Chirp Localization via Fine-Tuned Transformer Model' (2025): a 128 x 128 grid over 0-60 s by 0-100 Hz; pixel j
of either axis covers [j, j + 1) / 128 of it.
"""

import numpy as np
import scipy.ndimage

from synth import Chirp

SECONDS, HERTZ, SIZE = 60.0, 100.0, 128
# Seconds a chirp lasts at most; the short ones are the hard ones.
LONGEST, SHORT = 15.0, 4.5
# Undoes the recipe's smoothing over time as far as the noise allows: the least-squares inverse of a Gaussian of one column
# in seven (ridge 0.001), middle first. A lone dot stands 3.5 standard deviations above noise of 0.3 with it, 2.7 without.
SHARPEN = (6.3624, -3.8051, 1.4061, -0.2822)
# Smoothed is what changes less from a column to the next than this share of what it changes over LONG columns, in the median
# (the recipe: 0.47; white noise: 1).
SMOOTHED, LONG = 0.6, 4


def paint(rng, longest=LONGEST, is_smoothed=True):
    """Returns the image (128 rows from low to high frequency, 128 columns) and start time s, start and end frequency Hz, duration s.

    longest: seconds that a chirp lasts at most. is_smoothed: as the recipe has it at last.
    """
    start, duration = rng.uniform(0, 45), rng.uniform(1, longest)
    first = rng.uniform(0, HERTZ)
    last = np.clip(first + rng.uniform(-30, 30), 0, HERTZ)
    columns = np.arange(int(start / SECONDS * SIZE), min(SIZE - 1, int((start + duration) / SECONDS * SIZE)) + 1)
    # From the first painted column to the last the curve runs its whole course.
    x = np.linspace(0, 1, len(columns))
    exponential = rng.random() < 0.5
    hz = course(first, last, x, exponential)
    image = np.zeros((SIZE, SIZE))
    rows = np.clip((hz / HERTZ * SIZE).astype(int), 0, SIZE - 1)
    for distance in range(-2, 3):
        inside = (rows + distance >= 0) & (rows + distance < SIZE)
        image[rows[inside] + distance, columns[inside]] = np.exp(-(distance**2))
    image += rng.uniform(0.09, 0.30) * rng.standard_normal(image.shape)
    return scipy.ndimage.gaussian_filter(image, 1) if is_smoothed else image, (start, first, last, duration, exponential)


def course(first, last, x, exponential):
    """Frequency at x in [0, 1] of the chirp; exponential where both ends allow a ratio."""
    if exponential and first > 0.5 and last > 0.5:
        return first * (last / first) ** x
    return first + (last - first) * x


def sharpen(image):
    """A stack of images, or one; what was smoothed over time is made sharp again, the rest left as it is. As in `normalise`."""
    change = lambda distance: np.median(np.abs(image[..., distance:] - image[..., :-distance]), (-2, -1), keepdims=True)
    weights = np.array(SHARPEN[:0:-1] + SHARPEN)
    return np.where(change(1) < SMOOTHED * change(LONG), scipy.ndimage.convolve1d(image, weights, mode="reflect"), image)


def normalise(image):
    """A stack of images, or one, of any gain and offset -> canvas units; the daemon's `score --canvases` does the same."""
    axes = (-2, -1)
    middle = np.median(image, axes, keepdims=True)
    scale = 1.4826 * np.median(np.abs(image - middle), axes, keepdims=True)
    scale = np.where(scale > 0, scale, image.std(axes, keepdims=True))
    return np.clip((image - middle) / np.where(scale > 0, 8 * scale, 1), -1, 4).astype(np.float32)


def make_painted(rng, longest=LONGEST):
    """Canvas and its one Chirp, as `synth.make_canvas`."""
    image, (start, first, last, duration, exponential) = paint(rng, longest)
    at = lambda x: float(course(first, last, np.asarray(x), exponential)) / HERTZ
    u = (np.arange(SIZE) + 0.5) / SIZE
    curve = course(first, last, np.clip((u * SECONDS - start) / duration, 0, 1), exponential) / HERTZ * SIZE - 0.5
    onset, offset = start / SECONDS, (start + duration) / SECONDS
    return normalise(sharpen(image)), [Chirp(onset, offset, at(0), at(0.5), at(1), False, False, 20.0, 20.0, True, curve)]

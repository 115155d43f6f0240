"""How many of the physical corpus's chirps a canvas shows at all: an observer who knows the exact course of each, but not
where on the canvas it lies, sums the canvas along that course, and along its harmonics too, wherever it fits.

  python3 physical_limit.py [--only slow] [-n 400]

A chirp is seen where its own place gives more than the best place of three in four canvases of background alone, without
artifacts or rhythms, by its fundamental, with its second or with its second and third harmonics: a generous threshold, of a
false sighting in four canvases and more for each course. A network does not know the course, and has to tell ends as well.
On validation canvases.
"""

import argparse

import numpy as np
import scipy.fft

from canvas import COLUMNS, PROFILES, ROWS, WHITENING, columns_db, whiten
from data import VALIDATION_SEED
from predict import SET, canvases
from synth import Scene, background

# Validation sets of their own, by SNR; canvases of background alone.
FIRST_SET, BACKGROUND_SET, N_BACKGROUNDS = 61, 95, 32
SNR_DB = (-6.0, 0.0, 6.0, 12.0)
SEEN_OVER, MOST_HARMONICS = 0.75, 2
# Twice a canvas, so that what is shifted beyond an edge does not come in again at the other.
PADDED = (2 * ROWS, 2 * COLUMNS)


def bounded(canvas):
    """A canvas in which no single point counts for much; nothing where a column is missing."""
    return np.where(canvas == WHITENING["empty"], 0, np.clip(canvas, -2, 4))


def background_canvas(seed, profile):
    scene = Scene(np.random.default_rng(seed), profile)
    signal, _ = background(scene)
    return bounded(whiten(columns_db(scene.seen(signal).astype(np.float32), profile)))


def course(chirp, n_harmonics=0):
    """Weights (ROWS, COLUMNS): in each column that the chirp lasts, the rows that it passes there and one to either side, and
    those of its harmonics."""
    columns = np.arange(COLUMNS)
    weights = np.zeros((ROWS, COLUMNS))
    centres = (columns + 0.5) / COLUMNS
    for j in columns[(centres >= chirp.onset) & (centres <= chirp.offset)]:
        low, high = sorted(np.interp((j - 0.5, j + 0.5), columns, chirp.curve))
        for multiple in range(1, n_harmonics + 2):
            first, last = max(0, round(multiple * low - 1)), min(ROWS - 1, round(multiple * high + 1))
            if first <= last:
                weights[first : last + 1, j] += 1 / (last + 1 - first)
    return weights


def best_places(weights, spectra):
    """The largest sum along the course, anywhere where it fits whole, on each canvas. spectra: of the padded canvases."""
    rows, columns = np.flatnonzero(weights.any(1)), np.flatnonzero(weights.any(0))
    fitting = np.ix_(np.arange(-rows[0], ROWS - rows[-1]), np.arange(-columns[0], COLUMNS - columns[-1]))
    turned = np.conj(scipy.fft.rfft2(weights, PADDED))
    return [scipy.fft.irfft2(spectrum * turned, PADDED)[fitting].max() for spectrum in spectra]


def is_seen(chirp, shown, spectra):
    for n_harmonics in range(MOST_HARMONICS + 1):
        weights = course(chirp, n_harmonics)
        if weights.any() and (weights * shown).sum() > np.quantile(best_places(weights, spectra), SEEN_OVER):
            return True
    return False


def seen_share(profile, spectra, snr_db, n):
    """Share of the chirps that count which are seen, and their number."""
    made = canvases(profile.name, VALIDATION_SEED + FIRST_SET * SET, n, snr_db=snr_db)
    seen = [is_seen(chirp, bounded(canvas), spectra) for canvas, chirps in made for chirp in chirps if chirp.counts]
    return np.mean(seen), len(seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(PROFILES), default=list(PROFILES))
    parser.add_argument("-n", type=int, default=400, help="canvases a level")
    args = parser.parse_args()
    for name in args.only:
        first = VALIDATION_SEED + BACKGROUND_SET * SET
        plain = [background_canvas(first + i, PROFILES[name]) for i in range(N_BACKGROUNDS)]
        spectra = [scipy.fft.rfft2(canvas, PADDED) for canvas in plain]
        for snr_db in SNR_DB:
            share, n = seen_share(PROFILES[name], spectra, snr_db, args.n)
            print(f"{name} {snr_db:+.0f} dB: {share:.3f} of {n} chirps seen, F1 at most {2 * share / (1 + share):.3f}", flush=True)


if __name__ == "__main__":
    main()

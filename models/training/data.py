"""Canvases and their targets, made on the fly from seeds."""

import multiprocessing

import numpy as np

from canvas import COLUMNS, PROFILES, ROWS
from model import CELLS
from synth import make_canvas

# Seeds of the frozen sets begin far away from those of training.
VALIDATION_SEED, TEST_SEED = 10**9, 2 * 10**9
MIX = {"slow": 0.45, "scalp": 0.3, "wide": 0.15, "fast": 0.1}
RIDGE = 32


def example(seed, mix):
    """Canvas and chirps of one seed; the profile is drawn from `mix` (name -> weight)."""
    rng = np.random.default_rng(seed)
    name = rng.choice(list(mix), p=np.array(list(mix.values())) / sum(mix.values()))
    canvas, chirps = make_canvas(rng, PROFILES[name])
    return canvas, chirps, name


def targets(chirps):
    """Targets of the detection cells and of the ridge map.

    presence (16, 16): 1 a chirp's middle, 0 none, -1 not to be judged; values (5, 16, 16): onset, offset, start, middle
    and end frequency; running (16, 16); ridge (32, 32): 1 ridge, 0 none, -1 not to be judged.
    """
    presence = np.zeros((CELLS, CELLS), np.float32)
    values = np.zeros((5, CELLS, CELLS), np.float32)
    running = np.zeros((CELLS, CELLS), np.float32)
    ridge = np.zeros((RIDGE, RIDGE), np.float32)
    columns_u = (np.arange(COLUMNS) + 0.5) / COLUMNS
    centres = (np.arange(CELLS) + 0.5) / CELLS
    for c in sorted(chirps, key=lambda c: c.counts):
        seen = (columns_u >= c.onset) & (columns_u <= c.offset)
        v = (c.curve[seen] + 0.5) / ROWS
        ridge[(v * RIDGE).astype(int).clip(0, RIDGE - 1), (columns_u[seen] * RIDGE).astype(int)] = 1 if c.counts else -1
        middle = (c.onset + c.offset) / 2
        reach = max(0.5 / CELLS, 0.15 * (c.offset - c.onset))
        near = np.abs(centres - middle) <= reach
        near[min(int(middle * CELLS), CELLS - 1)] = True
        for j in np.flatnonzero(near):
            at = np.interp(np.clip(centres[j], c.onset, c.offset), columns_u, c.curve)
            i = min(int((at + 0.5) / ROWS * CELLS), CELLS - 1)
            presence[i, j] = 1 if c.counts else -1
            values[:, i, j] = c.onset, c.offset, c.start, c.middle, c.end
            running[i, j] = c.running
    return presence, values, running, ridge


def _make_batch(job):
    first_seed, n, mix = job
    made = []
    for seed in range(first_seed, first_seed + n):
        canvas, chirps, _ = example(seed, mix)
        made.append((canvas, *targets(chirps)))
    return [np.stack(part) for part in zip(*made)]


def batches(first_seed, n, mix, n_workers):
    """Endless batches of n canvases with their targets, in the order of their seeds."""
    jobs = ((seed, n, mix) for seed in range(first_seed, VALIDATION_SEED, n))
    with multiprocessing.get_context("fork").Pool(n_workers) as pool:
        pending = []
        while True:
            while len(pending) < 3 * n_workers:
                pending.append(pool.apply_async(_make_batch, (next(jobs),)))
            yield pending.pop(0).get()

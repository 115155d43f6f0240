"""Canvases and their targets, made on the fly from seeds, each used a few times."""

import multiprocessing
from dataclasses import dataclass

import numpy as np
import torch

from canvas import COLUMNS, PROFILES, ROWS, WHITENING
from model import CELLS
from painted import LONGEST, SHORT, make_painted
from synth import make_canvas

# Seeds of the frozen sets begin far away from those of training.
VALIDATION_SEED, TEST_SEED = 10**9, 2 * 10**9
MIX = {"slow": 0.28, "scalp": 0.22, "wide": 0.18, "fast": 0.16, "painted": 0.16}
# Painted canvases resemble the others least, and the base saw few.
ADAPTER_MIX = {"slow": 0.2, "scalp": 0.2, "wide": 0.15, "fast": 0.15, "painted": 0.3}
RIDGE = 64
MAX_CHIRPS = 6
# Canvases are kept in bytes while they wait: 0.2 dB a step.
STEP = 0.02
# Of the painted canvases that train.
SHORT_SHARE = 0.5
# Of the physical canvases that train: `varied` ones of synth.make_scene.
VARIED_SHARE = 0.5
# Fainter than this over its surroundings, a ridge is neither taught nor held against the model.
FAINT_DB = 2.0
# Columns of a chirp in `Examples.chirps`.
ONSET, OFFSET, START, MIDDLE, END, STILL_RUNNING, BEFORE = range(7)


def example(seed, mix):
    """Canvas and chirps of one seed; the corpus (a band profile, or `painted`) is drawn from `mix` (name -> weight)."""
    rng = np.random.default_rng(seed)
    name = rng.choice(list(mix), p=np.array(list(mix.values())) / sum(mix.values()))
    if name != "painted":
        varied = seed < VALIDATION_SEED and rng.random() < VARIED_SHARE
        return *make_canvas(rng, PROFILES[name], varied=varied), name
    # Training dwells on the short ones; validation and test are the recipe's.
    longest = SHORT if seed < VALIDATION_SEED and rng.random() < SHORT_SHARE else LONGEST
    return *make_painted(rng, longest), name


@dataclass
class Examples:
    """n canvases with what is to be learned from them, packed.

    canvas (n, 128, 128) uint8; corpus (n,) index into the names of the mix; presence (n, 16, 16) int8: 1 a chirp's
    middle, 0 none, -1 not to be judged; which (n, 16, 16) int8: the chirp of a cell; chirps (n, 6, 7) float32;
    ridge (n, 64, 64) int8: 1 ridge, 0 none, -1 not to be judged; whole (n,) bool: no column is missing.
    """

    canvas: np.ndarray
    corpus: np.ndarray
    presence: np.ndarray
    which: np.ndarray
    chirps: np.ndarray
    ridge: np.ndarray
    whole: np.ndarray

    def parts(self):
        return list(vars(self).values())

    @staticmethod
    def joined(pieces):
        return Examples(*(np.concatenate(part) for part in zip(*(piece.parts() for piece in pieces))))


def examples(first_seed, n, mix):
    """Examples of the seeds from first_seed on."""
    names, rows = list(mix), []
    for seed in range(first_seed, first_seed + n):
        canvas, chirps, name = example(seed, mix)
        whole = not (canvas == WHITENING["empty"]).all(0).any()
        packed = np.round((canvas - WHITENING["low"]) / STEP).astype(np.uint8)
        rows.append((packed, np.int64(names.index(name)), *targets(chirps), whole))
    return Examples(*(np.stack(part) for part in zip(*rows)))


def targets(chirps):
    """presence, which, chirps and ridge of one canvas, as in `Examples`."""
    presence = np.zeros((CELLS, CELLS), np.int8)
    which = np.zeros((CELLS, CELLS), np.int8)
    table = np.zeros((MAX_CHIRPS, 7), np.float32)
    ridge = np.zeros((RIDGE, RIDGE), np.int8)
    columns_u = (np.arange(COLUMNS) + 0.5) / COLUMNS
    centres = (np.arange(CELLS) + 0.5) / CELLS
    judged = lambda c: c.counts and c.local_db >= FAINT_DB
    for k, c in enumerate(sorted(chirps, key=judged)[-MAX_CHIRPS:]):
        table[k] = c.onset, c.offset, c.start, c.middle, c.end, c.running, c.before
        seen = (columns_u >= c.onset) & (columns_u <= c.offset)
        v = (c.curve[seen] + 0.5) / ROWS
        ridge[(v * RIDGE).astype(int).clip(0, RIDGE - 1), (columns_u[seen] * RIDGE).astype(int)] = 1 if judged(c) else -1
        middle = (c.onset + c.offset) / 2
        reach = max(0.5 / CELLS, 0.15 * (c.offset - c.onset))
        near = np.abs(centres - middle) <= reach
        near[min(int(middle * CELLS), CELLS - 1)] = True
        for j in np.flatnonzero(near):
            at = np.interp(np.clip(centres[j], c.onset, c.offset), columns_u, c.curve)
            i = min(max(int((at + 0.5) / ROWS * CELLS), 0), CELLS - 1)
            presence[i, j] = 1 if judged(c) else -1
            which[i, j] = k
    return presence, which, table, ridge


def fresh_canvases(first_seed, n, mix, n_workers, piece=64):
    """n pairs of canvas and Chirps of the seeds from first_seed on, made by worker processes."""
    with multiprocessing.get_context("fork").Pool(n_workers) as pool:
        made = pool.starmap(example, ((seed, mix) for seed in range(first_seed, first_seed + n)), piece)
    return [(canvas, chirps) for canvas, chirps, _ in made]


@dataclass
class Batch:
    """As Examples, unpacked into tensors of one device."""

    canvas: torch.Tensor
    corpus: torch.Tensor
    presence: torch.Tensor
    which: torch.Tensor
    chirps: torch.Tensor
    ridge: torch.Tensor

    @staticmethod
    def of(made, index, flips, device):
        """Canvases `index` of `made`; those in `flips` (bool) mirrored in time, where no column is missing."""
        canvas, corpus, presence, which, chirps, ridge = (torch.from_numpy(p[index]).to(device) for p in made.parts()[:6])
        canvas = canvas.float() * STEP + WHITENING["low"]
        flip = torch.from_numpy(flips & made.whole[index]).to(device)
        mirror = lambda m: torch.where(flip[:, None, None], m.flip(2), m)
        back = torch.stack([1 - chirps[..., OFFSET], 1 - chirps[..., ONSET], chirps[..., END], chirps[..., MIDDLE],
                            chirps[..., START], chirps[..., BEFORE], chirps[..., STILL_RUNNING]], -1)
        chirps = torch.where(flip[:, None, None], back, chirps)
        return Batch(mirror(canvas), corpus, mirror(presence), mirror(which).long(), chirps, mirror(ridge))


def fresh(first_seed, n, mix, n_workers, piece=64):
    """Endless stretches of n examples in the order of their seeds, made ahead by worker processes."""
    jobs = ((seed, piece, mix) for seed in range(first_seed, VALIDATION_SEED, piece))
    with multiprocessing.get_context("fork").Pool(n_workers) as pool:
        pending, pieces = [], []
        while True:
            while len(pending) < 2 * n // piece:
                pending.append(pool.apply_async(examples, next(jobs)))
            pieces.append(pending.pop(0).get())
            if len(pieces) == n // piece:
                yield Examples.joined(pieces)
                pieces = []


def batches(first_seed, n, mix, n_workers, device, stretch=2048, n_kept=4, uses=4):
    """Endless batches of n canvases, drawn from the last n_kept stretches of fresh ones.

    Making a canvas costs about as much as learning from it, so each is used `uses` times on average, half of them
    mirrored in time.
    """
    rng = np.random.default_rng(first_seed)
    kept = []
    for made in fresh(first_seed, stretch, mix, n_workers):
        kept = [*kept[-n_kept + 1 :], made]
        pool = Examples.joined(kept)
        for _ in range(stretch * uses // n):
            yield Batch.of(pool, rng.integers(len(pool.canvas), size=n), rng.random(n) < 0.5, device)

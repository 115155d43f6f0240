"""Detections against truth, on canvases."""

import numpy as np

# A hit lies within these of the truth: onset in seconds of a 60 s canvas (as much of a shorter one), start and end in Hz.
ONSET_SECONDS, FREQUENCY_HZ = 2.0, 2.0


def suppress(slots, floor, n_slots=4, tolerance=0.03):
    """Slots of one canvas, strongest first, without those that follow a stronger one's curve. slots: (n, 11)."""
    kept = []
    for s in slots:
        if s[0] < floor or s[2] <= s[1] or len(kept) == n_slots:
            continue
        if not any(_same(s, k, tolerance) for k in kept):
            kept.append(s)
    return kept


def curve(slot, u):
    """Frequency at canvas times u: the parabola through start, middle and end."""
    x = (u - slot[1]) / max(slot[2] - slot[1], 1e-6)
    f0, fm, f1 = slot[3], slot[4], slot[5]
    return f0 + (4 * fm - 3 * f0 - f1) * x + 2 * (f0 + f1 - 2 * fm) * x * x


def _same(a, b, tolerance):
    low, high = max(a[1], b[1]), min(a[2], b[2])
    if high - low < 0.5 * min(a[2] - a[1], b[2] - b[1]):
        return False
    u = np.linspace(low, high, 9)
    return np.median(np.abs(curve(a, u) - curve(b, u))) < tolerance


def match(found, truth, profile):
    """Match the slots of one canvas with its Chirps, the nearest first.

    Returns (pairs of slot and Chirp, missed Chirps, false slots). Chirps that do not count are neither hit nor miss, and
    a slot beside one is not false.
    """
    seconds, hertz = profile.span_seconds, profile.fs / 2
    near = ONSET_SECONDS * seconds / 60
    distances = []
    for i, s in enumerate(found):
        for k, c in enumerate(truth):
            wrong = max(abs(s[1] - c.onset) * seconds / near, abs(s[3] - c.start) * hertz / FREQUENCY_HZ,
                        abs(s[5] - c.end) * hertz / FREQUENCY_HZ)
            if wrong <= 1:
                distances.append((wrong, i, k))
    slot_of, chirp_of = {}, {}
    for _, i, k in sorted(distances):
        if i not in chirp_of and k not in slot_of:
            slot_of[k], chirp_of[i] = i, k
    pairs = [(found[i], truth[k]) for k, i in slot_of.items() if truth[k].counts]
    missed = [c for k, c in enumerate(truth) if c.counts and k not in slot_of]
    beside = lambda s: any(not c.counts and s[1] < c.offset and s[2] > c.onset for c in truth)
    false = [s for i, s in enumerate(found) if i not in chirp_of and not beside(s)]
    return pairs, missed, false


def f1(n_hits, n_false, n_missed):
    return 2 * n_hits / max(1, 2 * n_hits + n_false + n_missed)


def calibration_error(presence, is_hit, n_bins=10):
    """Expected calibration error, and the reliability diagram's points (mean presence, share of hits, count) by bin."""
    bins = np.clip((presence * n_bins).astype(int), 0, n_bins - 1)
    points = [(presence[bins == b].mean(), is_hit[bins == b].mean(), (bins == b).sum()) for b in range(n_bins) if (bins == b).any()]
    return sum(n / len(presence) * abs(p - h) for p, h, n in points), points

"""Detections against truth, on canvases."""

import numpy as np


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


def score(found, truth, span_seconds, band_hz, onset_seconds=3.0, frequency_hz=1.0):
    """Match the slots of one canvas with its Chirps. Returns (pairs, n_missed, false slots); chirps that do not count are ignored."""
    pairs, false, used = [], [], set()
    for s in found:
        best = None
        for i, c in enumerate(truth):
            wrong = np.array([(s[1] - c.onset) * span_seconds / onset_seconds]
                             + [(s[3 + k] - f) * band_hz / frequency_hz for k, f in enumerate((c.start, c.middle, c.end))])
            if i not in used and np.abs(wrong).max() <= 1 and (best is None or np.abs(wrong).max() < best[1]):
                best = i, np.abs(wrong).max()
        if best is not None:
            used.add(best[0])
            if truth[best[0]].counts:
                pairs.append((s, truth[best[0]]))
        elif not any(not c.counts and s[1] < c.offset and s[2] > c.onset for c in truth):
            false.append(s)
    missed = [c for i, c in enumerate(truth) if c.counts and i not in used]
    return pairs, missed, false

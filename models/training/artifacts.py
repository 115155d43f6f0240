"""What fools detectors, to be added to a scene: blinks, discharges, muscle, movement, pops, hum, saturation, flat lines."""

import numpy as np

from draws import log_uniform


def pulses(scene, period, jitter, width, sharp, start, end):
    """A train of alike discharges: period and width in seconds."""
    rng, t = scene.rng, scene.t
    total = np.zeros(scene.n)
    half = max(3, int(4 * width * scene.profile.fs))
    x = np.arange(-half, half + 1) / scene.profile.fs / width
    shape = np.exp(-0.5 * x**2) * (-x if sharp else 1) + rng.uniform(0, 0.4) * np.exp(-0.5 * ((x - 2) / 1.5) ** 2)
    at = t[0] + rng.uniform(0, period)
    while at < t[-1]:
        i = int(at * scene.profile.fs)
        if start < scene.u[min(i, scene.n - 1)] < end:
            low, high = max(0, i - half), min(scene.n, i + half + 1)
            total[low:high] += rng.uniform(0.7, 1.3) * shape[low - i + half : high - i + half]
        at += period * max(0.2, 1 + jitter * rng.standard_normal())
    return total


def window(rng):
    start = rng.uniform(-0.3, 0.9)
    return start, start + rng.uniform(0.1, 1.2)


def blinks(scene):
    rng = scene.rng
    return rng.uniform(2, 12) * pulses(scene, rng.uniform(1.5, 8), 0.5, rng.uniform(0.06, 0.15), False, *window(rng))


def discharges(scene):
    rng = scene.rng
    level, period, jitter = rng.uniform(1, 8), 1 / rng.uniform(0.4, 3.2), rng.uniform(0, 0.15)
    return level * pulses(scene, period, jitter, rng.uniform(0.02, 0.09), rng.random() < 0.7, *window(rng))


def heart(scene):
    rng = scene.rng
    return rng.uniform(0.5, 3) * pulses(scene, 1 / rng.uniform(0.9, 2.4), 0.02, 0.02, True, -1, 2)


def muscle(scene):
    rng, total = scene.rng, 0
    for _ in range(rng.integers(1, 5)):
        start = rng.uniform(-0.1, 1)
        envelope = scene.burst(start, start + log_uniform(rng, 0.01, 0.5), rng.uniform(0.002, 0.1))
        rising = (scene.frequencies / scene.profile.fs * 2) ** rng.uniform(0, 1.5)
        total = total + log_uniform(rng, 0.3, 6) * envelope * scene.noise(rising)
    return total


def movement(scene):
    rng, total = scene.rng, 0
    for _ in range(rng.integers(1, 4)):
        start = rng.uniform(-0.1, 1)
        envelope = scene.burst(start, start + log_uniform(rng, 0.01, 0.3), rng.uniform(0.002, 0.05))
        slow = 1 / (scene.frequencies + 0.3) ** rng.uniform(1, 2)
        total = total + log_uniform(rng, 1, 15) * envelope * scene.noise(slow / np.sqrt(np.mean(slow**2)))
    return total


def pops(scene):
    rng, total = scene.rng, 0
    for _ in range(rng.integers(1, 6)):
        at = rng.uniform(0, 1)
        after = np.clip((scene.u - at) * scene.profile.span_seconds, 0, None)
        fall = np.exp(-after / rng.uniform(0.05, 1.5))
        total = total + rng.choice([-1, 1]) * log_uniform(rng, 3, 30) * (scene.u > at) * fall
    return total


def hum(scene):
    rng = scene.rng
    if scene.profile.fs < 128:
        return 0
    return log_uniform(rng, 0.1, 5) * np.cos(2 * np.pi * rng.choice([50, 60]) * scene.t)


# Kind: (share of canvases that have it, what is added in units of the background's standard deviation).
KINDS = {
    "blinks": (0.2, blinks),
    "discharges": (0.25, discharges),
    "heart": (0.08, heart),
    "muscle": (0.35, muscle),
    "movement": (0.2, movement),
    "pops": (0.15, pops),
    "hum": (0.1, hum),
}


def add_artifacts(scene, signal, sd, only=None):
    """signal with artifacts; sd: standard deviation of the background; only: the kind that is there for certain, alone."""
    for kind, (share, make) in KINDS.items():
        if kind == only or (only is None and scene.rng.random() < share):
            signal = signal + sd * make(scene)
    return signal


def distort(scene, signal, sd):
    """Changes of gain, burst suppression, saturation and flat stretches."""
    rng = scene.rng
    if rng.random() < 0.12:
        start = rng.uniform(-0.2, 0.9)
        gain = log_uniform(rng, 0.15, 6)
        signal = signal * (1 + (gain - 1) * scene.burst(start, start + rng.uniform(0.1, 1.5), rng.uniform(0.001, 0.05)))
    if rng.random() < 0.06:  # burst suppression
        level = scene.noise(np.exp(-0.5 * (scene.frequencies / rng.uniform(0.05, 0.3)) ** 2))
        signal = signal * np.where(level > np.quantile(level, rng.uniform(0.3, 0.8)), 1, rng.uniform(0.02, 0.3))
    if rng.random() < 0.06:
        signal = np.clip(signal, -sd * rng.uniform(1.2, 4), sd * rng.uniform(1.2, 4))
    if rng.random() < 0.05:
        start = rng.uniform(0, 1)
        signal = np.where((scene.u > start) & (scene.u < start + rng.uniform(0.02, 0.3)), 0, signal)
    return signal

"""Physical synthesis: chirps, decoys and artifacts in the time domain, seen through the daemon's own spectrogram.

One canvas is made from one seeded generator. Rows and columns are canvas units, so that one recipe serves every band
profile; what has a duration of its own (blinks, heart beats, discharges) is in seconds.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft

from canvas import COLUMNS, MINIMUM_VALID_COLUMNS, ROWS, analysis_response, columns_db, hann, whiten

# A chirp moves by at least this many rows; what moves less than RHYTHM_ROWS is a rhythm; between the two nothing is drawn.
CHIRP_ROWS, RHYTHM_ROWS = 4.0, 2.0


@dataclass
class Chirp:
    """Visible part of one chirp, canvas coordinates in [0, 1]; `curve` is its frequency in rows at each column."""

    onset: float
    offset: float
    start: float
    middle: float
    end: float
    running: bool
    snr_db: float
    counts: bool
    curve: np.ndarray


def log_uniform(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


class Scene:
    """A signal of one canvas under construction."""

    def __init__(self, rng, profile):
        self.rng, self.profile = rng, profile
        self.n = profile.n_samples
        self.t = np.arange(self.n) / profile.fs
        # Canvas time coordinate of each sample, by the centre of the taper over it.
        self.u = (np.arange(self.n) - (profile.taper - profile.hop) / 2) / (profile.hop * COLUMNS)
        self.n_fft = scipy.fft.next_fast_len(self.n + 64, real=True)
        self.frequencies = scipy.fft.rfftfreq(self.n_fft, 1 / profile.fs)
        self.response = _response(profile, self.n_fft, self.frequencies)

    def noise(self, amplitude):
        """Gaussian noise with the given amplitude response over self.frequencies (unit = white with SD 1)."""
        spectrum = scipy.fft.rfft(self.rng.standard_normal(self.n_fft))
        return scipy.fft.irfft(spectrum * amplitude, self.n_fft)[: self.n]

    def burst(self, start, end, ramp):
        """Envelope between two canvas times with raised-cosine ramps (fractions of the canvas)."""
        rise = np.clip((self.u - start) / max(ramp, 1e-4), 0, 1)
        fall = np.clip((end - self.u) / max(ramp, 1e-4), 0, 1)
        return 0.25 * (1 - np.cos(np.pi * rise)) * (1 - np.cos(np.pi * fall))


_RESPONSES = {}


def _response(profile, n_fft, frequencies):
    key = (profile.name, n_fft)
    if key not in _RESPONSES:
        _RESPONSES[key] = analysis_response(profile, frequencies)
    return _RESPONSES[key]


def background(scene):
    """1/f noise with rhythms' bumps. Returns the signal and its local one-sided density (uV^2/Hz) over scene.frequencies."""
    rng, profile, f = scene.rng, scene.profile, scene.frequencies
    slope = rng.uniform(0.3, 2.4)
    corner = rng.uniform(0.5, 4.0)
    power = 1 / (f + corner) ** slope
    power = power / power[(f > 1) & (f < 12)].mean() + rng.uniform(0, 0.1)
    density = power.copy()
    total = scene.noise(np.sqrt(power * profile.fs / 2))
    for _ in range(rng.integers(0, 3)):
        centre = log_uniform(rng, 4, 118) * profile.row_hz
        width = rng.uniform(2, 14) * profile.row_hz
        bump = np.exp(-0.5 * ((f - centre) / width) ** 2)
        level = 10 ** (rng.uniform(0, 12) / 10) * np.interp(centre, f, power)
        part = scene.noise(np.sqrt(level * bump * profile.fs / 2))
        if rng.random() < 0.5:
            part *= np.abs(scene.noise(np.exp(-0.5 * (f / rng.uniform(0.05, 0.6)) ** 2) * 8))
        total += part
        density += level * bump
    scale = log_uniform(rng, 1, 300)
    return total * np.sqrt(scale), density * scale


def frequency_law(rng, kind, x):
    """Course from 0 to 1 over x in [0, 1] (an arch also leaves that range)."""
    if kind == "linear":
        return x
    if kind == "bent":
        k = rng.choice([-1, 1]) * rng.uniform(0.5, 4)
        return (1 - np.exp(-k * x)) / (1 - np.exp(-k))
    if kind == "delayed":
        hold = rng.uniform(0.2, 0.6)
        return np.clip((x - hold) / (1 - hold), 0, 1) if rng.random() < 0.5 else np.clip(x / (1 - hold), 0, 1)
    return x + rng.choice([-1, 1]) * rng.uniform(0.6, 2.5) * 4 * x * (1 - x)


def tone(scene, rows, start, end, density, snr_db, n_harmonics):
    """A tone along `rows` (frequency per sample, canvas rows) between two canvas times, snr_db over the local background."""
    rng, profile = scene.rng, scene.profile
    length = end - start
    attack, release = (rng.uniform(0.02, 0.3) * length for _ in range(2))
    rise = np.clip((scene.u - start) / attack, 0, 1)
    fall = np.clip((end - scene.u) / release, 0, 1)
    envelope = 0.25 * (1 - np.cos(np.pi * rise)) * (1 - np.cos(np.pi * fall))
    flicker = scene.noise(np.exp(-0.5 * (scene.frequencies * profile.span_seconds / rng.uniform(2, 20)) ** 2))
    flicker /= flicker.std() + 1e-9
    envelope = envelope * 10 ** (np.clip(flicker, -2, 2) * rng.uniform(0, 4) / 20)
    hz = np.clip(rows, 0.5, None) * profile.row_hz
    active = envelope > 0.1
    local = np.interp(np.median(hz[active]) if active.any() else hz[0], scene.frequencies, density)
    taper = hann(profile.taper)
    gain = np.sum(taper) ** 2 / (2 * profile.fs * np.sum(taper**2))
    amplitude = np.sqrt(10 ** (snr_db / 10) * local / gain)
    phase = 2 * np.pi * np.cumsum(hz) / profile.fs
    decay = rng.uniform(0.35, 0.95)
    signal = np.cos(phase + rng.uniform(0, 6.3))
    for h in range(2, n_harmonics + 2):
        inside = (hz * h < 0.48 * profile.fs) * 1.0
        signal += decay ** (h - 1) * rng.uniform(0.4, 1.2) * inside * np.cos(h * phase + rng.uniform(0, 6.3))
    # Visible from half amplitude to half amplitude.
    return amplitude * envelope * signal, start + attack / 2, end - release / 2


def wander(scene, rows):
    w = scene.noise(np.exp(-0.5 * (scene.frequencies * scene.profile.span_seconds / scene.rng.uniform(1, 6)) ** 2))
    return rows * w / (np.abs(w).max() + 1e-9)


def draw_chirp(scene, density, taken):
    """One chirp that keeps clear of the fundamentals in `taken`; None where no room was found. Returns (signal, Chirp)."""
    rng = scene.rng
    columns_u = (np.arange(COLUMNS) + 0.5) / COLUMNS
    for _ in range(6):
        length = log_uniform(rng, 0.035, 0.7)
        start = rng.uniform(-0.4 * length, 1.0 - 0.02)
        first = rng.uniform(4, 112) if rng.random() < 0.4 else log_uniform(rng, 4, 112)
        sweep = min(log_uniform(rng, 4.5, 64), 4 + 2.0 * length * COLUMNS)
        sweep *= -1 if rng.random() < 0.62 else 1
        kind = rng.choice(["linear", "bent", "bent", "delayed", "arch"])
        x = np.clip((scene.u - start) / length, 0, 1)
        rows = first + sweep * frequency_law(rng, kind, x)
        if rows.min() < 3 or rows.max() > 122:
            continue
        rows = np.clip(rows + wander(scene, rng.uniform(0, 0.8)), 3, 122)
        curve = np.interp(columns_u, scene.u, rows)
        inside = (columns_u > start) & (columns_u < start + length)
        if inside.sum() < 3 or any((np.abs(other[inside] - curve[inside]) < 8).any() for other in taken):
            continue
        # A short faint ridge looks like noise to anyone.
        snr = rng.uniform(2 + 6 * np.exp(-length * 8), 24)
        signal, onset, offset = tone(scene, rows, start, start + length, density, snr, int(rng.integers(0, 10)) * (rng.random() < 0.6))
        chirp = visible(curve, rows, scene.u, onset, offset, 0.0, snr)
        if chirp is None:
            continue
        return signal, chirp
    return None


def visible(curve, rows, u, onset, offset, left, snr):
    """The part of a chirp between the canvas's first valid column (`left`) and its right edge."""
    on, off = max(onset, left), min(offset, 1.0)
    if off - on < 0.02:
        return None
    at = lambda time: float((np.interp(time, u, rows) + 0.5) / ROWS)
    part = rows[(u >= on) & (u <= off)]
    moved = part.max() - part.min()
    # Seen for less than 2 s of a 60 s canvas, or not yet moved enough: neither a chirp nor its absence.
    counts = moved >= CHIRP_ROWS and off - on >= 0.033
    return Chirp(on, off, at(on), at((on + off) / 2), at(off), offset > 1.0, snr, counts, curve)


def rhythm(scene, density):
    """A tone that stays where it is, with harmonics: not a chirp, however strong."""
    rng = scene.rng
    length = rng.uniform(0.08, 1.6)
    start = rng.uniform(-0.4, 0.95)
    x = np.clip((scene.u - start) / length, 0, 1)
    drift = rng.uniform(-0.5, 0.5) * RHYTHM_ROWS
    rows = log_uniform(rng, 4, 112) + drift * x + wander(scene, rng.uniform(0, 0.25) * RHYTHM_ROWS)
    n_harmonics = int(rng.integers(0, 10)) * (rng.random() < 0.7)
    return tone(scene, np.clip(rows, 2, 124), start, start + length, density, rng.uniform(2, 26), n_harmonics)[0]


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


def artifacts(scene, sd):
    """What fools detectors. sd: standard deviation of the background. Returns a signal to add."""
    rng, profile, f = scene.rng, scene.profile, scene.frequencies
    total = np.zeros(scene.n)
    window = lambda: (lambda a: (a, a + rng.uniform(0.1, 1.2)))(rng.uniform(-0.3, 0.9))
    if rng.random() < 0.2:  # blinks
        total += sd * rng.uniform(2, 12) * pulses(scene, rng.uniform(1.5, 8), 0.5, rng.uniform(0.06, 0.15), False, *window())
    if rng.random() < 0.25:  # periodic discharges
        total += sd * rng.uniform(1, 8) * pulses(
            scene, 1 / rng.uniform(0.4, 3.2), rng.uniform(0, 0.15), rng.uniform(0.02, 0.09), rng.random() < 0.7, *window()
        )
    if rng.random() < 0.08:  # heart beats
        total += sd * rng.uniform(0.5, 3) * pulses(scene, 1 / rng.uniform(0.9, 2.4), 0.02, 0.02, True, -1, 2)
    if rng.random() < 0.35:  # muscle
        for _ in range(rng.integers(1, 5)):
            start = rng.uniform(-0.1, 1)
            envelope = scene.burst(start, start + log_uniform(rng, 0.01, 0.5), rng.uniform(0.002, 0.1))
            rising = (f / profile.fs * 2) ** rng.uniform(0, 1.5)
            total += sd * log_uniform(rng, 0.3, 6) * envelope * scene.noise(rising)
    if rng.random() < 0.2:  # movement: slow, strong
        for _ in range(rng.integers(1, 4)):
            start = rng.uniform(-0.1, 1)
            envelope = scene.burst(start, start + log_uniform(rng, 0.01, 0.3), rng.uniform(0.002, 0.05))
            slow = 1 / (f + 0.3) ** rng.uniform(1, 2)
            total += sd * log_uniform(rng, 1, 15) * envelope * scene.noise(slow / np.sqrt(np.mean(slow**2)))
    if rng.random() < 0.15:  # electrode pops
        for _ in range(rng.integers(1, 6)):
            at = rng.uniform(0, 1)
            after = np.clip((scene.u - at) * profile.span_seconds, 0, None)
            total += sd * rng.choice([-1, 1]) * log_uniform(rng, 3, 30) * (scene.u > at) * np.exp(-after / rng.uniform(0.05, 1.5))
    if rng.random() < 0.1 and profile.fs >= 128:  # mains hum
        total += sd * log_uniform(rng, 0.1, 5) * np.cos(2 * np.pi * rng.choice([50, 60]) * scene.t)
    return total


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


def make_scene(rng, profile, n_chirps=None, n_rhythms=None):
    """Returns the signal (n_samples,) uV at the analysis rate and its chirps."""
    scene = Scene(rng, profile)
    signal, density = background(scene)
    sd = signal.std()
    chirps = []
    for _ in range(rng.choice([0, 1, 2, 3, 4], p=[0.32, 0.4, 0.16, 0.08, 0.04]) if n_chirps is None else n_chirps):
        drawn = draw_chirp(scene, density, [c.curve for c in chirps])
        if drawn is not None:
            signal = signal + drawn[0]
            chirps.append(drawn[1])
    for _ in range(rng.choice([0, 1, 2, 3], p=[0.5, 0.3, 0.13, 0.07]) if n_rhythms is None else n_rhythms):
        signal = signal + rhythm(scene, density)
    signal = distort(scene, signal + artifacts(scene, sd), sd)
    spectrum = scipy.fft.rfft(signal, scene.n_fft)
    return scipy.fft.irfft(spectrum * scene.response, scene.n_fft)[: scene.n], chirps


def mask_columns(rng, chirps):
    """Some canvases are young (their left part empty) or have a hole. Returns valid (COLUMNS,) and the chirps still seen."""
    valid = np.ones(COLUMNS, bool)
    if rng.random() < 0.35:
        n_valid = int(rng.integers(MINIMUM_VALID_COLUMNS, COLUMNS))
        valid[: COLUMNS - n_valid] = False
        left = (COLUMNS - n_valid) / COLUMNS
        u = (np.arange(COLUMNS) + 0.5) / COLUMNS
        seen = []
        for c in chirps:
            onset, offset = c.onset, 1.01 if c.running else c.offset
            part = visible(c.curve, c.curve, u, onset, offset, left, c.snr_db) if offset > left else None
            if part is not None:
                part.curve = c.curve
                seen.append(part)
        chirps = seen
    elif rng.random() < 0.06:
        hole = rng.integers(8, COLUMNS - 16)
        valid[hole : hole + rng.integers(3, 30)] = False
        valid[-1] = True
    return valid, chirps


def make_canvas(rng, profile, **kinds):
    """Returns the canvas (ROWS, COLUMNS) float32 and its list of Chirp."""
    signal, chirps = make_scene(rng, profile, **kinds)
    valid, chirps = mask_columns(rng, chirps)
    return whiten(columns_db(signal.astype(np.float32), profile), valid), chirps

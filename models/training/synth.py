"""Physical synthesis: chirps, decoys and artifacts in the time domain, seen through the daemon's own spectrogram.

One canvas is made from one seeded generator. Rows and columns are canvas units, so that one recipe serves every band
profile; what has a duration of its own (blinks, heart beats, discharges) is in seconds.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.interpolate
import scipy.signal

from artifacts import add_artifacts, distort
from backgrounds import draw_background
from canvas import COLUMNS, MINIMUM_VALID_COLUMNS, ROWS, analysis_response, columns_db, hann, whiten
from draws import log_uniform

# A chirp moves by at least this many rows; what moves less than RHYTHM_ROWS is a rhythm; between the two nothing is drawn.
CHIRP_ROWS, RHYTHM_ROWS = 4.0, 2.0
# A tone that fades in stands out of the local background from here on, as those see it who mark real ones.
EMERGES_DB = 4.0
# Share of canvases on real EEG, where it was found.
REAL_BACKGROUNDS = 0.35


@dataclass
class Chirp:
    """Visible part of one chirp, canvas coordinates in [0, 1]; `curve` is its frequency in rows at each column."""

    onset: float
    offset: float
    start: float
    middle: float
    end: float
    running: bool
    # Began before the canvas did.
    before: bool
    # Mean power of the chirp over that of the background, in the whole band of the canvas, while the chirp lasts.
    snr_db: float
    # Its ridge over the background around it, at full amplitude.
    local_db: float
    counts: bool
    curve: np.ndarray


class Scene:
    """A signal of one canvas under construction."""

    def __init__(self, rng, profile, varied=False):
        self.rng, self.profile, self.varied = rng, profile, varied
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

    def seen(self, signal):
        """The signal (n,) as the daemon's filters leave it."""
        return scipy.fft.irfft(scipy.fft.rfft(signal, self.n_fft) * self.response, self.n_fft)[: self.n]

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
    """1/f noise with rhythms' bumps, or a real recording where there is one.

    Returns the signal and its local one-sided density (uV^2/Hz) over scene.frequencies.
    """
    rng, profile, f = scene.rng, scene.profile, scene.frequencies
    if rng.random() < REAL_BACKGROUNDS:
        real = draw_background(rng, profile, scene.n)
        if real is not None:
            at, density = scipy.signal.welch(real, profile.fs, nperseg=256)
            return real, np.interp(f, at, density) + 1e-6 * density.max()
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
    if kind == "staged":
        n_knots = rng.integers(2, 5)
        at, values = (np.concatenate([[0], np.sort(rng.uniform(0.05, 0.95, n_knots)), [1]]) for _ in range(2))
        at += np.arange(n_knots + 2) * 1e-3
        return scipy.interpolate.PchipInterpolator(at / at[-1], values)(x)
    if kind == "linear":
        return x
    if kind == "bent":
        k = rng.choice([-1, 1]) * rng.uniform(0.5, 4)
        return (1 - np.exp(-k * x)) / (1 - np.exp(-k))
    if kind == "delayed":
        hold = rng.uniform(0.2, 0.6)
        return np.clip((x - hold) / (1 - hold), 0, 1) if rng.random() < 0.5 else np.clip(x / (1 - hold), 0, 1)
    return x + rng.choice([-1, 1]) * rng.uniform(0.6, 2.5) * 4 * x * (1 - x)


def tone(scene, rows, start, end, density, local_db, n_harmonics, snr_db=None):
    """A tone along `rows` (frequency per sample, canvas rows) between two canvas times.

    Its level is local_db over the local background, or snr_db over the whole one. Returns the signal, the times between
    which it has half its amplitude or more (of a varied scene: stands out of its background), its SNR and its local level in dB.
    """
    rng, profile = scene.rng, scene.profile
    length = end - start
    # At most 4 s of a 60 s canvas: what takes longer to rise has no onset to tell, but real ones do.
    longest, share = (0.33, 0.5) if scene.varied and rng.random() < 0.5 else (0.07, 0.3)
    attack, release = (min(longest, rng.uniform(0.02, share) * length) for _ in range(2))
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
    phase = 2 * np.pi * np.cumsum(hz) / profile.fs
    decay = rng.uniform(0.35, 0.95)
    seen = slice(*np.searchsorted(scene.u, (start, end)))
    turn = np.exp(1j * phase[seen])
    harmonic = turn * np.exp(1j * rng.uniform(0, 6.3))
    signal = np.zeros(scene.n)
    signal[seen] = harmonic.real
    for h in range(2, n_harmonics + 2):
        harmonic = harmonic * turn
        inside = hz[seen] * h < 0.48 * profile.fs
        twist = np.exp(1j * rng.uniform(0, 6.3))
        signal[seen] += decay ** (h - 1) * rng.uniform(0.4, 1.2) * inside * (harmonic.real * twist.real - harmonic.imag * twist.imag)
    signal *= envelope
    background_power = np.sum(density * scene.response**2) * (scene.frequencies[1] - scene.frequencies[0])
    ratio = 10 * np.log10(np.mean(signal[active] ** 2) / background_power) if active.any() else 0.0
    unit_local = 10 * np.log10(gain / local)
    level_db = local_db - unit_local if snr_db is None else snr_db - ratio
    shown = 0.5
    if scene.varied:
        amplitude = np.clip(10 ** ((EMERGES_DB - level_db - unit_local) / 20), 0.1, 0.5)
        shown = np.arccos(1 - 2 * amplitude) / np.pi
    return 10 ** (level_db / 20) * signal, start + shown * attack, end - shown * release, level_db + ratio, level_db + unit_local


def wander(scene, rows):
    w = scene.noise(np.exp(-0.5 * (scene.frequencies * scene.profile.span_seconds / scene.rng.uniform(1, 6)) ** 2))
    return rows * w / (np.abs(w).max() + 1e-9)


def ictal_bed(scene, density, start, end):
    """The broad activity that grows with a seizure, around its chirp. Returns the signal and its density while it lasts."""
    rng, f = scene.rng, scene.frequencies
    tilt = ((f + 1) / (64 * scene.profile.row_hz + 1)) ** rng.uniform(-1, 0.5)
    bed = density * tilt * 10 ** (rng.uniform(-6, 12) / 10)
    envelope = scene.burst(start - rng.uniform(0, 0.1), end + rng.uniform(0, 0.2), rng.uniform(0.02, 0.2))
    return envelope * scene.noise(np.sqrt(bed * scene.profile.fs / 2)), bed


def draw_chirp(scene, density, taken, snr_db=None):
    """One chirp that keeps clear of the fundamentals in `taken`; None where no room was found. Returns (signal, Chirp).

    snr_db: its level (uniform over -15 to 15 dB, or 2 to 26 dB over the local background, where not given).
    """
    rng = scene.rng
    columns_u = (np.arange(COLUMNS) + 0.5) / COLUMNS
    for _ in range(6):
        length = log_uniform(rng, 0.035, 0.7)
        start = rng.uniform(-0.4 * length, 1.0 - 0.02)
        first = rng.uniform(4, 112) if rng.random() < 0.4 else log_uniform(rng, 4, 112)
        sweep = min(log_uniform(rng, 4.5, 64), 4 + 2.0 * length * COLUMNS)
        sweep *= -1 if rng.random() < 0.62 else 1
        kind = rng.choice(["linear", "bent", "bent", "delayed", "arch"])
        wandering = 0.8
        if scene.varied and rng.random() < 0.5:
            kind, wandering = "staged", 2.5
        x = np.clip((scene.u - start) / length, 0, 1)
        rows = first + sweep * frequency_law(rng, kind, x)
        if rows.min() < 3 or rows.max() > 122:
            continue
        rows = np.clip(rows + wander(scene, rng.uniform(0, wandering)), 3, 122)
        curve = np.interp(columns_u, scene.u, rows)
        inside = (columns_u > start) & (columns_u < start + length)
        if inside.sum() < 3 or any((np.abs(other[inside] - curve[inside]) < 8).any() for other in taken):
            continue
        # A short faint ridge looks like noise to anyone.
        local = rng.uniform(2 + 6 * np.exp(-length * 8), 26)
        level = snr_db if snr_db is not None else rng.uniform(-15, 15) if rng.random() < 0.4 else None
        n_harmonics = int(rng.integers(0, 10)) * (rng.random() < 0.6)
        bed, around = None, density
        if scene.varied and rng.random() < 0.4:
            bed, extra = ictal_bed(scene, density, start, start + length)
            around = density + extra
        signal, onset, offset, snr, local = tone(scene, rows, start, start + length, around, local, n_harmonics, level)
        chirp = visible(curve, rows, scene.u, onset, offset, 0.0, snr, local)
        if chirp is None:
            continue
        return signal if bed is None else signal + bed, chirp
    return None


def visible(curve, rows, u, onset, offset, left, snr, local):
    """The part of a chirp between the canvas's first valid column (`left`) and its right edge."""
    on, off = max(onset, left), min(offset, 1.0)
    if off - on < 0.02:
        return None
    at = lambda time: float((np.interp(time, u, rows) + 0.5) / ROWS)
    part = rows[(u >= on) & (u <= off)]
    moved = part.max() - part.min()
    # Seen for less than 2 s of a 60 s canvas, or not yet moved enough: neither a chirp nor its absence.
    counts = moved >= CHIRP_ROWS and off - on >= 0.033
    return Chirp(on, off, at(on), at((on + off) / 2), at(off), offset > 1.0, onset < left, snr, local, counts, curve)


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


def make_scene(rng, profile, n_chirps=None, n_rhythms=None, snr_db=None, artifact=None, varied=False):
    """Returns the signal (n_samples,) uV at the analysis rate and its chirps, all at snr_db where that is given.

    artifact: of artifacts.KINDS the one that is there for certain, alone; any, by chance, where not given.
    varied: for training only, with what the frozen sets do not have: chirps that fade in and out over up to 20 s of a
    60 s canvas, that go in stages, and that broad activity comes and goes with, as in real seizures.
    """
    scene = Scene(rng, profile, varied)
    signal, density = background(scene)
    sd = signal.std()
    chirps = []
    for _ in range(rng.choice([0, 1, 2, 3, 4], p=[0.32, 0.4, 0.16, 0.08, 0.04]) if n_chirps is None else n_chirps):
        drawn = draw_chirp(scene, density, [c.curve for c in chirps], snr_db)
        if drawn is not None:
            signal = signal + drawn[0]
            chirps.append(drawn[1])
    for _ in range(rng.choice([0, 1, 2, 3], p=[0.5, 0.3, 0.13, 0.07]) if n_rhythms is None else n_rhythms):
        signal = signal + rhythm(scene, density)
    signal = distort(scene, add_artifacts(scene, signal, sd, artifact), sd)
    return scene.seen(signal), chirps


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
            part = visible(c.curve, c.curve, u, onset, offset, left, c.snr_db, c.local_db) if offset > left else None
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

"""Golden values for the scoring code, from the tools that others score with.

    python3 -m venv --system-site-packages VENV && VENV/bin/pip install --no-deps timescoring==0.0.7
    VENV/bin/python test/daemon/score/golden/make_golden.py

writes events.json (timescoring), figures.json (NumPy, SciPy, how the training code prepares canvases) and arrays.json (.npy
files as NumPy writes them) beside itself. Seeded: it writes the same again.
"""

import base64
import io
import json
import sys
from pathlib import Path

import numpy as np
import scipy.ndimage
import scipy.stats
from timescoring.annotations import Annotation
from timescoring.scoring import EventScoring, SampleScoring

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[3] / "models" / "training"))
from painted import normalise, sharpen  # noqa: E402

RATE = 10


def random_events(rng, n_samples):
    """Events in tenths of a second: sorted, disjoint, often touching or about 90 s apart, about 5 or 10 minutes long."""
    kind = rng.integers(8)
    if kind == 0:
        return []
    if kind == 1:
        return [[0, n_samples]]
    events, at = [], int(rng.choice([0, 0, rng.integers(0, max(1, n_samples // 2))]))
    for _ in range(rng.integers(1, 12)):
        length = int(rng.choice([1, 2, 5, rng.integers(1, 600), rng.integers(600, 4000), 2999, 3000, 3001, 6000, 6001, 9001]))
        if at >= n_samples:
            break
        events.append([at, min(n_samples, at + length)])
        at = events[-1][1] + int(rng.choice([0, 1, 2, rng.integers(1, 1000), 299, 300, 301, 599, 600, 601, 899, 900, 901, rng.integers(900, 6000)]))
    if kind == 2:
        events[-1][1] = n_samples
    return events


def mask_of(events, n_samples):
    mask = np.zeros(n_samples, bool)
    for start, stop in events:
        mask[start:stop] = True
    return mask


def counts(score):
    number = lambda value: None if np.isnan(value) else float(value)
    rates = {name: number(getattr(score, name)) for name in ("sensitivity", "precision", "f1", "fpRate")}
    return {"refTrue": int(score.refTrue), "tp": int(score.tp), "fp": int(score.fp), **rates}


def event_cases(n):
    rng = np.random.default_rng(20240917)
    cases = []
    for _ in range(n):
        n_samples = int(rng.choice([1, 7, rng.integers(10, 2000), rng.integers(2000, 20000), rng.integers(20000, 72001)]))
        reference = random_events(rng, n_samples)
        how = rng.integers(4)
        if how == 0:
            hypothesis = reference
        elif how == 1:
            shift = int(rng.choice([-601, -600, -599, -301, -300, -299, -1, 1, 299, 300, 301, 599, 600, 601]))
            moved = [[max(0, a + shift), min(n_samples, b + shift)] for a, b in reference]
            hypothesis = [[a, b] for a, b in moved if a < b]
        else:
            hypothesis = random_events(rng, n_samples)
        masks = [Annotation(mask_of(events, n_samples), RATE) for events in (reference, hypothesis)]
        cases.append({"n": n_samples, "ref": reference, "hyp": hypothesis,
                      "events": counts(EventScoring(*masks)), "samples": counts(SampleScoring(*masks))})
    return cases


def figures():
    rng = np.random.default_rng(5)
    shares = [(0, 1), (1, 1), (0, 7), (3, 7), (7, 7), (45, 60), (59, 60), (1, 1000), (5000, 10000)]
    wilson = [[k, n, *scipy.stats.binomtest(k, n).proportion_ci(method="wilson")] for k, n in shares]
    poisson = [[k, 0.0 if k == 0 else scipy.stats.chi2.ppf(0.025, 2 * k) / 2, scipy.stats.chi2.ppf(0.975, 2 * k + 2) / 2]
               for k in (0, 1, 2, 3, 10, 57, 400, 3000)]
    lists = [np.round(rng.normal(0, 3, size), 3) for size in (1, 2, 3, 10, 101)]
    quantiles = [[values.tolist(), float(np.median(values)), float(np.quantile(values, 0.95))] for values in lists]
    pairs = []
    for size in (2, 5, 50):
        a = np.round(rng.normal(40, 10, size), 3)
        b = np.round(a + rng.normal(0, 5, size), 3)
        pairs.append([a.tolist(), b.tolist(), float(np.corrcoef(a, b)[0, 1])])
    mostly_flat = np.zeros((8, 8))
    mostly_flat[2, 3:6] = 5.0
    images = [rng.normal(0, 1, (8, 8)), rng.normal(-40, 0.01, (8, 8)), rng.normal(3, 100, (7, 9)), mostly_flat, np.full((8, 8), 7.5)]
    images[0][3, 3] = 90.0
    images = [np.round(image, 4).astype(np.float32) for image in images]
    canvases = [[image.ravel().tolist(), normalise(image.astype(np.float64)).ravel().tolist()] for image in images]
    noise = rng.normal(5, 2, (3, 9, 16))
    smooth = scipy.ndimage.gaussian_filter(noise[:2], (0, 1, 1))
    images = [np.round(image, 4).astype(np.float32) for image in (*smooth, noise[2], np.full((4, 7), 7.5))]
    sharpened = [[image.shape[1], image.ravel().tolist(), sharpen(image.astype(np.float64)).ravel().tolist()] for image in images]
    return {"sharpened": sharpened, "wilson": wilson, "poisson": poisson, "quantiles": quantiles, "correlations": pairs, "canvases": canvases}


def arrays():
    """File bytes, and what is in them; `refused` names what a reader that wants little-endian C-order floats refuses."""
    stack = np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 8 - 1

    def file(array, version=(1, 0), refused=None):
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, array, version=version)
        read = None if refused else {"shape": list(array.shape), "values": array.astype(float).ravel().tolist()}
        return {"base64": base64.b64encode(buffer.getvalue()).decode(), "refused": refused, **(read or {})}

    return [
        file(stack), file(stack, (2, 0)), file(stack, (3, 0)),
        file(stack.astype("<f8")), file(stack.astype("<f8"), (2, 0)),
        file(stack[:0]), file(stack.ravel()), file(np.asfortranarray(stack.ravel())),
        file(np.asfortranarray(stack), refused="Fortran"),
        file(stack.astype(">f4"), refused=">f4"), file(stack.astype("<f2"), refused="<f2"),
        file(stack.astype("<i4"), refused="<i4"), file(stack > 0, refused="b1"), file(stack.astype(complex), refused="<c16"),
        file(np.zeros(3, [("é", "<f4")]), (3, 0), refused="["), file(np.float32(1.5), refused="shape"),
    ]


def write(name, value):
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in value) if isinstance(value, list) else None
    text = f"[\n{rows}\n]\n" if rows else json.dumps(value, separators=(",", ":")) + "\n"
    (HERE / name).write_text(text)


if __name__ == "__main__":
    write("events.json", event_cases(400))
    write("figures.json", figures())
    write("arrays.json", arrays())

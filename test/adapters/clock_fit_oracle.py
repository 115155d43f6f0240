"""Golden vectors for test/adapters/clock-fit.test.ts: NumPy's weighted polyfit on the same readings.

  python3 test/adapters/clock_fit_oracle.py > test/fixtures/clock-fit.json
"""

import json

import numpy as np

HALF_LIFE_SECONDS = 90
NOMINAL_HZ = 250.0
START = 1_700_000_000_000_000
N_READINGS = 120

rng = np.random.default_rng(1)
cases = []
for true_hz, jitter_ms, seconds in [(250.0, 0.0, 60), (249.9, 4.0, 300), (250.4, 16.0, 1000), (250.0025, 1.0, 7200)]:
    samples = np.cumsum(rng.integers(1, int(2 * seconds * NOMINAL_HZ / N_READINGS), N_READINGS))
    host = np.sort(START + 12_345 + samples / true_hz * 1e6 + np.abs(rng.normal(0, jitter_ms * 1000, len(samples))))
    host = np.round(host)
    x, y = samples.astype(float), host - START
    weight = 2.0 ** (-(y[-1] - y) / 1e6 / HALF_LIFE_SECONDS)
    # polyfit multiplies residuals by w before squaring.
    slope, intercept = np.polyfit(x - x[-1], y, 1, w=np.sqrt(weight))
    residual = y - (slope * (x - x[-1]) + intercept)
    cases.append(
        {
            "nominalHz": NOMINAL_HZ,
            "startMicros": START,
            "samples": samples.tolist(),
            "hostMicros": [int(h) for h in host],
            "rateHz": 1e6 / slope,
            "hostMicrosOfLast": START + intercept,
            "jitterMs": float(np.sqrt(np.sum(weight * residual**2) / np.sum(weight)) / 1000),
        }
    )
print(json.dumps(cases))

"""Butterworth high-pass or band-pass of second order by scipy.signal.sosfilt: SIGNALS N RATE HIGHPASS LOWPASS BLOCK.

LOWPASS 0: none. BLOCK 0: each signal as a whole; else in blocks of so many samples, with the state carried over.
"""

import sys

import numpy as np
import peer
import scipy
from scipy.signal import butter, sosfilt

path, n, rate, highpass, lowpass, block = sys.argv[1], *map(float, sys.argv[2:])
block = int(block)
x = peer.signals(path, int(n))
sos = butter(2, highpass, "highpass", fs=rate, output="sos")
if lowpass > 0:
    sos = np.vstack([sos, butter(2, lowpass, "lowpass", fs=rate, output="sos")])


def filtered():
    if block == 0:
        return sosfilt(sos, x, axis=1)
    state = np.zeros((len(sos), len(x), 2))
    parts = []
    for start in range(0, x.shape[1], block):
        part, state = sosfilt(sos, x[:, start : start + block], axis=1, zi=state)
        parts.append(part)
    return np.hstack(parts)


peer.serve(f"scipy.signal.sosfilt {scipy.__version__}, {peer.manner(block)}", filtered, filtered)

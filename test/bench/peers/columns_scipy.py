"""The same by scipy.signal.spectrogram."""

import sys

import numpy as np
import peer
import scipy
from scipy.signal import spectrogram

path, n, rate, taper, hop, nfft, floor = sys.argv[1], *map(float, sys.argv[2:])
taper, hop, nfft = int(taper), int(hop), int(nfft)
x = peer.signals(path, int(n))


def columns():
    _, _, power = spectrogram(
        x, fs=rate, window="hann", nperseg=taper, noverlap=taper - hop, nfft=nfft, detrend=False, mode="psd"
    )
    return 10 * np.log10(np.maximum(power[:, : nfft // 2], floor))


peer.serve(f"scipy.signal.spectrogram {scipy.__version__}", columns, lambda: columns().transpose(2, 0, 1))

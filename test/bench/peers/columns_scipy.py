"""The same by scipy.signal.spectrogram."""

import sys

import numpy as np
import peer
import scipy
from scipy.signal import spectrogram

path, n, rate, taper, hop, nfft, floor, block = sys.argv[1], *map(float, sys.argv[2:])
taper, hop, nfft, block = int(taper), int(hop), int(nfft), int(block)
x = peer.signals(path, int(n))


def columns(piece):
    _, _, power = spectrogram(
        piece, fs=rate, window="hann", nperseg=taper, noverlap=taper - hop, nfft=nfft, detrend=False, mode="psd"
    )
    return 10 * np.log10(np.maximum(power[:, : nfft // 2], floor))


def work():
    return peer.in_blocks(x, block, taper, hop, columns, 2)


peer.serve(f"scipy.signal.spectrogram {scipy.__version__}, {peer.manner(block)}", work, lambda: work().transpose(2, 0, 1))

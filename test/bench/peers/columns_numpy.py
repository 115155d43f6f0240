"""STFT columns in dB by numpy (pocketfft): SIGNALS N RATE TAPER HOP NFFT FLOOR. All columns of all signals at once."""

import sys

import numpy as np
import peer

path, n, rate, taper, hop, nfft, floor = sys.argv[1], *map(float, sys.argv[2:])
taper, hop, nfft = int(taper), int(hop), int(nfft)
x = peer.signals(path, int(n))
window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(taper) / taper)
scale = np.full(nfft // 2, 2 / (rate * np.sum(window**2)))
scale[0] /= 2


def columns():
    frames = np.lib.stride_tricks.sliding_window_view(x, taper, axis=1)[:, ::hop]
    spectrum = np.fft.rfft(frames * window, nfft, axis=-1)[..., : nfft // 2]
    power = (spectrum.real**2 + spectrum.imag**2) * scale
    return 10 * np.log10(np.maximum(power, floor))


peer.serve(f"numpy {np.__version__}", columns, lambda: columns().transpose(1, 0, 2))

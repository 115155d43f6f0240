"""STFT columns in dB by numpy (pocketfft): SIGNALS N RATE TAPER HOP NFFT FLOOR BLOCK.

BLOCK 0: all columns of all signals at once; else as blocks of so many samples come.
"""

import sys

import numpy as np
import peer

path, n, rate, taper, hop, nfft, floor, block = sys.argv[1], *map(float, sys.argv[2:])
taper, hop, nfft, block = int(taper), int(hop), int(nfft), int(block)
x = peer.signals(path, int(n))
window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(taper) / taper)
scale = np.full(nfft // 2, 2 / (rate * np.sum(window**2)))
scale[0] /= 2


def columns(piece):
    frames = np.lib.stride_tricks.sliding_window_view(piece, taper, axis=1)[:, ::hop]
    spectrum = np.fft.rfft(frames * window, nfft, axis=-1)[..., : nfft // 2]
    power = (spectrum.real**2 + spectrum.imag**2) * scale
    return 10 * np.log10(np.maximum(power, floor))


def work():
    return peer.in_blocks(x, block, taper, hop, columns, 1)


peer.serve(f"numpy {np.__version__}, {peer.manner(block)}", work, lambda: work().transpose(1, 0, 2))

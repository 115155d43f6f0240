"""The same by pyEDFlib."""

import sys

import numpy as np
import peer
import pyedflib


def read():
    with pyedflib.EdfReader(sys.argv[1]) as file:
        return [file.readSignal(i) for i in range(file.signals_in_file)]


peer.serve(f"pyEDFlib {pyedflib.__version__}", read, lambda: np.stack(read()))

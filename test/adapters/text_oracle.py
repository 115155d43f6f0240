"""Columns of a text table as numpy reads them.

Usage: text_oracle.py PATH LINES_TO_SKIP COLUMN ... > little-endian float64, shape (nColumns, nRows), C order
"""
import sys

import numpy as np

path, skip, *columns = sys.argv[1:]
table = np.genfromtxt(path, delimiter=',', skip_header=int(skip), usecols=[int(column) for column in columns])
sys.stdout.buffer.write(np.ascontiguousarray(table.T, '<f8').tobytes())

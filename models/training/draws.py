"""Random numbers that recipes share."""

import numpy as np


def log_uniform(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))

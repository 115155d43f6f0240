"""The released network on canvases, in PyTorch."""

import numpy as np
import torch

from canvas import PROFILES
from painted import make_painted
from synth import make_canvas
from train import ADAPTERS

# The frozen sets of a corpus lie this many seeds apart.
SET = 10**6


def canvases(corpus, first_seed, n, **kinds):
    """n pairs of canvas and Chirps; kinds: as `synth.make_scene`."""
    if corpus == "painted":
        return [make_painted(np.random.default_rng(first_seed + i)) for i in range(n)]
    return [make_canvas(np.random.default_rng(first_seed + i), PROFILES[corpus], **kinds) for i in range(n)]


def predict(model, images, adapter):
    """images: (n, 128, 128). Returns slots (n, 8, 11), as the released graph gives them with the adapter of that name."""
    index, slots = ADAPTERS.index(adapter), []
    with torch.no_grad():
        for i in range(0, len(images), 64):
            x = torch.from_numpy(np.ascontiguousarray(images[i : i + 64]))
            slots.append(model(x, torch.full((len(x),), index, dtype=torch.long), model.stack).numpy())
    return np.concatenate(slots)

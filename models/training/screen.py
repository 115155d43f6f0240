"""The first look: a network so small that it can look at every canvas, and tells which ones the model need not see.

  python3 screen.py make [--canvases 60000] [--workers 2]    canvases with what the released model finds on them, in runs/screen/
  python3 screen.py train [--epochs 12]                      runs/screen.pt
  python3 screen.py release                                  models/released/<name>/screen.onnx, and its part of the manifest

It learns one number: the strongest presence that the released model gives. Whatever is below what a chirp is followed
down to (KEPT) changes no event, so a canvas without any is as good as unseen. The threshold is set on canvases of its
own so that none with more is lost there.
"""

import argparse
import hashlib
import json
import multiprocessing
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from canvas import WHITENING
from data import STEP, VALIDATION_SEED, example
from model import ChirpViT
from predict import predict
from train import ADAPTERS, RUNS

RELEASED = Path(__file__).parents[1] / "released"
PROFILES = ["slow", "scalp", "wide", "fast"]
# The daemon follows a chirp down to this presence (pipelines/tracking/tracker.ts, keepPresence).
KEPT = 0.25
# What is learned is whether presence is above this: below KEPT, so that doubt falls on the safe side.
TAUGHT = 0.15
FIRST_SEED = {"train": 7 * 10**8, "validation": VALIDATION_SEED + 5 * 10**7, "threshold": VALIDATION_SEED + 6 * 10**7}
PIECE = 1024


class Screen(nn.Module):
    """canvas (batch, 128, 128) -> (batch, profiles): the logit of a chirp on it, as the adapter of each profile sees it."""

    def __init__(self):
        super().__init__()
        conv = lambda i, o, size: nn.Sequential(nn.Conv2d(i, o, size, 2, size // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU())
        self.stem = nn.Sequential(conv(1, 8, 5), conv(8, 24, 3), conv(24, 32, 3), conv(32, 64, 3))
        self.head = nn.Conv2d(64, len(PROFILES), 1)

    def forward(self, canvas):
        # A chirp lies in some place: the loudest cells decide.
        cells = self.head(self.stem(canvas[:, None])).flatten(2)
        return torch.logsumexp(cells, 2)


def released(name):
    """The released network, and its manifest."""
    model = ChirpViT(n_adapters=len(ADAPTERS))
    model.load_state_dict(torch.load(RELEASED / name / "weights.pt", map_location="cpu"))
    return model.eval(), json.loads((RELEASED / name / "manifest.json").read_text())


def one(job):
    seed, profile = job
    canvas = example(seed, {profile: 1.0})[0]
    return np.round((canvas - WHITENING["low"]) / STEP).astype(np.uint8)


def make(args):
    folder = args.runs / "screen"
    folder.mkdir(parents=True, exist_ok=True)
    model, _ = released(args.name)
    began = time.time()
    share = {"train": args.canvases, "validation": args.canvases // 10, "threshold": args.canvases // 3}
    jobs = [(part, profile, i) for part, n in share.items() for i in range(max(1, n // len(PROFILES) // PIECE)) for profile in PROFILES]
    jobs.sort(key=lambda job: job[2])
    with multiprocessing.get_context("fork").Pool(args.workers) as pool:
        for k, (part, profile, i) in enumerate(jobs):
            path = folder / f"{part}-{profile}-{i:03d}.npz"
            if path.exists():
                continue
            first = FIRST_SEED[part] + PROFILES.index(profile) * 10**6 + i * PIECE
            canvases = np.stack(pool.map(one, [(seed, profile) for seed in range(first, first + PIECE)], 16))
            presence = predict(model, unpacked(canvases), profile)[:, :, 0].max(1)
            np.savez(path.with_suffix(".tmp.npz"), canvases=canvases, presence=presence)
            path.with_suffix(".tmp.npz").rename(path)
            print(f"{k + 1} of {len(jobs)} pieces, {(time.time() - began) / 60:.1f} min; {profile}: "
                  f"{(presence >= KEPT).mean():.2f} with a presence of {KEPT} or more", flush=True)


def unpacked(canvases):
    return canvases.astype(np.float32) * STEP + WHITENING["low"]


def kept(runs, part):
    """Canvases (n, 128, 128) uint8, strongest presence (n,), profile (n,) of a part."""
    pieces = []
    for index, profile in enumerate(PROFILES):
        for path in sorted((runs / "screen").glob(f"{part}-{profile}-*.npz")):
            if ".tmp." in path.name:
                continue
            with np.load(path) as stored:
                pieces.append((stored["canvases"], stored["presence"], np.full(len(stored["presence"]), index)))
    return [np.concatenate(column) for column in zip(*pieces)]


def logits(screen, canvases, profile):
    out = []
    with torch.no_grad():
        for i in range(0, len(canvases), 512):
            all_profiles = screen(torch.from_numpy(unpacked(canvases[i : i + 512])))
            out.append(all_profiles[torch.arange(len(all_profiles)), torch.from_numpy(profile[i : i + 512])].numpy())
    return np.concatenate(out)


def described(logit, presence, profile):
    """For people: how many canvases each profile keeps where none with a chirp is lost, and where one in a thousand is."""
    lines = []
    for index, name in enumerate(PROFILES):
        own, found = logit[profile == index], presence[profile == index] >= KEPT
        cut = [np.quantile(own[found], q, method="lower") for q in (0.0, 0.001, 0.01)]
        lines.append(f"{name} {found.mean():.2f} found; seen " + ", ".join(f"{(own >= c).mean():.2f}" for c in cut))
    return "; ".join(lines)


def train(args):
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    canvases, presence, profile = kept(args.runs, "train")
    held = kept(args.runs, "validation")
    screen, began = Screen(), time.time()
    optimizer = torch.optim.AdamW(screen.parameters(), lr=3e-3, weight_decay=1e-3)
    batch = 128
    n_steps = args.epochs * (len(canvases) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=n_steps)
    goal = presence >= TAUGHT
    # What the daemon would follow must not be missed; what lies between TAUGHT and KEPT may.
    weight = np.where(presence >= KEPT, 4.0, np.where(goal, 0.5, 1.0))
    for epoch in range(args.epochs):
        screen.train()
        order, losses = rng.permutation(len(canvases)), []
        for i in range(len(canvases) // batch):
            index = order[i * batch : (i + 1) * batch]
            x = torch.from_numpy(unpacked(canvases[index]))
            logit = screen(x)[torch.arange(batch), torch.from_numpy(profile[index])]
            cross = F.binary_cross_entropy_with_logits(logit, torch.from_numpy(goal[index]).float(), reduction="none")
            loss = (cross * torch.from_numpy(weight[index]).float()).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        screen.eval()
        told = described(logits(screen, held[0], held[2]), held[1], held[2])
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, {(time.time() - began) / 60:.1f} min; validation: {told}", flush=True)
        torch.save(screen.state_dict(), args.runs / "screen.pt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["make", "train"])
    parser.add_argument("--name", default="chirp-vit-96")
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--canvases", type=int, default=60000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    {"make": make, "train": train}[arguments.step](arguments)

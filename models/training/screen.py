"""The first look: a network so small that it can look at every canvas, and tells which ones the model need not see.

  python3 screen.py make [--canvases 60000] [--workers 2]    canvases with what the released model finds on them, in runs/screen/
  python3 screen.py train [--epochs 3]                      runs/screen.pt
  python3 screen.py release                                  models/released/<name>/screen.onnx, and its part of the manifest;
                                                             after export_onnx.py, which writes the manifest anew

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
# What is learned is how far presence lies above this, in logits times STEEPNESS: which canvas is fainter than another, and
# not only on which side it lies. Below KEPT, so that doubt falls on the safe side.
TAUGHT, STEEPNESS = 0.15, 1.5
FIRST_SEED = {"train": 7 * 10**8, "validation": VALIDATION_SEED + 5 * 10**7, "threshold": VALIDATION_SEED + 6 * 10**7}
PIECE = 1024
WIDTH = 64
# Share of the features left out at a step of training: there are few canvases.
DROPPED = 0.1
# Logits, below the threshold that loses nothing.
MARGIN = 0.2


class Screen(nn.Module):
    """canvas (batch, 128, 128) -> (batch, profiles): the logit of a chirp on it, as the adapter of each profile sees it.

    Its first layers are the released model's own, which have learned from more canvases than this one is shown.
    """

    def __init__(self, model):
        super().__init__()
        self.stem1, self.stem2, self.stem3, self.stem4 = model.stem1, model.stem2, model.stem3, model.stem4
        block = lambda i, stride: nn.Sequential(nn.Conv2d(i, WIDTH, 3, stride, 1, bias=False), nn.BatchNorm2d(WIDTH))
        self.fine, self.coarse = block(64, 2), nn.Conv2d(96, WIDTH, 1)
        self.near, self.far = block(WIDTH, 1), block(WIDTH, 1)
        self.head = nn.Conv2d(WIDTH, len(PROFILES), 1)

    def features(self, canvas):
        """The frozen part: (batch, 64, 16, 16) and (batch, 96, 8, 8)."""
        s3 = self.stem3(self.stem2(self.stem1(canvas[:, None])))
        return s3, self.stem4(s3)

    def judge(self, s3, s4):
        x = F.relu(self.fine(s3) + self.coarse(s4))
        x = x + F.relu(self.near(x))
        x = x + F.relu(self.far(x))
        # A chirp lies in some place: the loudest cells decide.
        return torch.logsumexp(self.head(x).flatten(2), 2)

    def forward(self, canvas):
        return self.judge(*self.features(canvas))


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


@torch.no_grad()
def featured(screen, canvases):
    """What the frozen part makes of canvases (n, 128, 128) uint8, half precision."""
    pieces = [screen.features(torch.from_numpy(unpacked(canvases[i : i + 256]))) for i in range(0, len(canvases), 256)]
    return [torch.cat([part.half() for part in column]) for column in zip(*pieces)]


@torch.no_grad()
def logits(screen, features, profile):
    out = []
    for i in range(0, len(profile), 512):
        every = screen.judge(*(part[i : i + 512].float() for part in features))
        out.append(every[torch.arange(len(every)), torch.from_numpy(profile[i : i + 512])].numpy())
    return np.concatenate(out)


def described(logit, presence, profile):
    """For people: how many canvases each profile keeps where none with a chirp is lost, and where one in a thousand is."""
    lines = []
    for index, name in enumerate(PROFILES):
        own, found = logit[profile == index], presence[profile == index] >= KEPT
        cut = [np.quantile(own[found], q, method="lower") for q in (0.0, 0.001, 0.01)]
        lines.append(f"{name} {found.mean():.2f} found; seen " + ", ".join(f"{(own >= c).mean():.2f}" for c in cut))
    return "; ".join(lines)


def taught(presence):
    p = np.clip(presence, 1e-4, 1 - 1e-4)
    return 1 / (1 + (TAUGHT / (1 - TAUGHT) * (1 - p) / p) ** STEEPNESS)


def train(args):
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    screen, began = Screen(released(args.name)[0]).eval(), time.time()
    canvases, presence, profile = kept(args.runs, "train")
    features, n = featured(screen, canvases), len(canvases)
    del canvases
    held = kept(args.runs, "validation")
    held[0] = featured(screen, held[0])
    print(f"{n} canvases, {(time.time() - began) / 60:.1f} min", flush=True)
    trained = [screen.fine, screen.coarse, screen.near, screen.far, screen.head]
    optimizer = torch.optim.AdamW([p for part in trained for p in part.parameters()], lr=3e-3, weight_decay=3e-2)
    batch = 128
    n_steps = args.epochs * (n // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=n_steps)
    goal = taught(presence)
    # What the daemon would follow must not be missed.
    weight = np.where(presence >= KEPT, 3.0, 1.0)
    for epoch in range(args.epochs):
        for part in trained:
            part.train()
        order, losses = rng.permutation(n), []
        for i in range(n // batch):
            index = order[i * batch : (i + 1) * batch]
            every = screen.judge(*(F.dropout2d(part[index].float(), DROPPED) for part in features))
            logit = every[torch.arange(batch), torch.from_numpy(profile[index])]
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


def thresholds_of(logit, presence, profile):
    """Of each profile: a little below the lowest logit of a canvas on which a chirp would be followed."""
    found = presence >= KEPT
    return [float(logit[found & (profile == index)].min()) - MARGIN for index in range(len(PROFILES))]


def release(args):
    folder = RELEASED / args.name
    screen = Screen(released(args.name)[0])
    screen.load_state_dict(torch.load(args.runs / "screen.pt", map_location="cpu"))
    screen.eval()
    parts = [kept(args.runs, part) for part in ("threshold", "validation")]
    canvases, presence, profile = [np.concatenate(column) for column in zip(*parts)]
    logit = logits(screen, featured(screen, canvases), profile)
    thresholds = thresholds_of(logit, presence, profile)
    manifest = json.loads((folder / "manifest.json").read_text())
    n_golden = manifest["golden"]["canvases"]
    golden = np.frombuffer((folder / "golden.bin").read_bytes(), "<f4")[: n_golden * 128 * 128].reshape(n_golden, 128, 128).copy()
    path = folder / "screen.onnx"
    torch.onnx.export(screen, torch.from_numpy(golden), path, input_names=["canvas"], output_names=["logits"],
                      dynamic_axes={"canvas": {0: "batch"}, "logits": {0: "batch"}}, opset_version=16)
    with torch.no_grad():
        expected = screen(torch.from_numpy(golden)).numpy()
    sha256 = {adapter["name"]: adapter["sha256"] for adapter in manifest["adapters"]}
    seen = [float((logit[profile == index] >= threshold).mean()) for index, threshold in enumerate(thresholds)]
    held = [float((presence[profile == index] >= KEPT).mean()) for index in range(len(PROFILES))]
    manifest["screen"] = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "outputs": [
            {"adapter": name, "adapterSha256": sha256[name], "threshold": round(thresholds[index], 4),
             "withChirp": round(held[index], 3), "seen": round(seen[index], 3)}
            for index, name in enumerate(PROFILES)
        ],
        "golden": [[round(float(value), 5) for value in row] for row in expected],
        "canvases": len(logit),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    for index, name in enumerate(PROFILES):
        print(f"{name}: a chirp on {held[index]:.2f} of {(profile == index).sum()} canvases, seen {seen[index]:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["make", "train", "release"])
    parser.add_argument("--name", default="chirp-vit-96")
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--canvases", type=int, default=60000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    {"make": make, "train": train, "release": release}[arguments.step](arguments)

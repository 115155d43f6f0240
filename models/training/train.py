"""Train the base, or a LoRA adapter on the frozen base. Seeded, resumable, on a budget of minutes.

  python3 train.py base --minutes 60
  python3 train.py adapter --profile slow --minutes 15
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from data import MIX, VALIDATION_SEED, batches, example, targets
from model import ChirpViT, adapter_parameters, base_parameters

# Row 0 of the adapter stack is the base itself.
ADAPTERS = ["base", "slow", "scalp", "wide", "fast"]
RUNS = Path(__file__).parents[2] / "runs"


def loss_of(model, batch, adapter):
    """Mean loss of a batch of (canvas, presence, values, running, ridge) tensors; also its parts, for the log."""
    canvas, presence, values, running, ridge = batch
    detection, ridge_logit = model.maps(canvas, adapter)
    logit, predicted, scales, running_logit = model.decode(detection)
    judged = (presence >= 0).float()
    positive = presence == 1
    p = torch.sigmoid(logit)
    cross = F.binary_cross_entropy_with_logits(logit, positive.float(), reduction="none")
    # Focal weight: empty cells that are clearly empty teach little.
    weight = torch.where(positive, 1 - p, p).detach() ** 0.5
    presence_loss = (cross * weight * judged).sum() / len(canvas)
    ridge_loss = F.binary_cross_entropy_with_logits(ridge_logit, (ridge == 1).float(), reduction="none")
    ridge_loss = (ridge_loss * (ridge >= 0)).sum() / len(canvas) / 20
    if positive.any():
        pick = lambda m: m.transpose(0, 1).flatten(1)[:, positive.flatten()] if m.dim() == 4 else m[positive]
        error = (pick(predicted) - pick(values)).abs()
        scale = pick(scales)
        value_loss = (error / scale + torch.log(scale)).mean()
        running_loss = F.binary_cross_entropy_with_logits(pick(running_logit), pick(running))
    else:
        value_loss = running_loss = torch.zeros(())
    total = presence_loss + ridge_loss + value_loss + 0.3 * running_loss
    return total, torch.stack([presence_loss, ridge_loss, value_loss, running_loss]).detach()


def tensors(batch, device):
    return [torch.from_numpy(part).to(device) for part in batch]


def validation_batch(mix, n):
    made = [example(VALIDATION_SEED + i, mix)[:2] for i in range(n)]
    return [np.stack(part) for part in zip(*[(canvas, *targets(chirps)) for canvas, chirps in made])]


def evaluate(model, batch, adapter_index, device):
    model.eval()
    parts = []
    with torch.no_grad():
        for i in range(0, len(batch[0]), 64):
            piece = tensors([p[i : i + 64] for p in batch], device)
            adapter = torch.full((len(piece[0]),), adapter_index, dtype=torch.long, device=device)
            parts.append(loss_of(model, piece, adapter)[1] * len(piece[0]))
    model.train()
    return (torch.stack(parts).sum(0) / len(batch[0])).tolist()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["base", "adapter"])
    parser.add_argument("--profile", choices=ADAPTERS[1:], help="the adapter's band profile")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, help="peak learning rate")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1, help="processes that make canvases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=Path, default=RUNS, help="where checkpoints lie")
    args = parser.parse_args()
    if args.what == "adapter" and not args.profile:
        parser.error("adapter needs --profile")
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    args.runs.mkdir(parents=True, exist_ok=True)

    name = "base" if args.what == "base" else args.profile
    index = ADAPTERS.index(name)
    mix = MIX if name == "base" else {name: 1.0}
    model = ChirpViT(n_adapters=len(ADAPTERS)).to(args.device)
    checkpoint, elapsed, step = args.runs / f"{name}.pt", 0.0, 0
    if name == "base":
        parameters = base_parameters(model)
    else:
        model.load_state_dict(torch.load(args.runs / "base.pt", map_location=args.device)["average"])
        parameters = adapter_parameters(model)
        for p in base_parameters(model):
            p.requires_grad_(False)
    optimizer = torch.optim.AdamW(parameters, weight_decay=0.02 if name == "base" else 0.0)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=args.device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        average, elapsed, step = state["average"], state["elapsed"], state["step"]
        print(f"resumed {name} at step {step}, {elapsed / 60:.1f} min")
    rate = args.rate or (1.5e-3 if name == "base" else 2e-3)
    validation = validation_batch(mix, 512)
    # Each run has its own stretch of seeds.
    first_seed = 10**8 * index + step * args.batch
    smooth, started, base_elapsed, saved = None, time.time(), elapsed, time.time()
    model.train()
    if name != "base":
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.eval()
    for batch in batches(first_seed, args.batch, mix, args.workers):
        elapsed = base_elapsed + time.time() - started
        progress = elapsed / (args.minutes * 60)
        done = progress >= 1
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 200) * max(0.02, 0.5 * (1 + math.cos(math.pi * min(1, progress))))
        adapter = None if name == "base" else torch.full((len(batch[0]),), index, dtype=torch.long, device=args.device)
        total, parts = loss_of(model, tensors(batch, args.device), adapter)
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 2.0)
        optimizer.step()
        step += 1
        keep = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for k, v in model.state_dict().items():
                average[k].copy_(average[k] * keep + v * (1 - keep) if v.is_floating_point() else v)
        smooth = parts if smooth is None else 0.98 * smooth + 0.02 * parts
        if step % 100 == 0:
            text = " ".join(f"{n} {v:.3f}" for n, v in zip(("presence", "ridge", "values", "running"), smooth.tolist()))
            print(f"{name} step {step} {elapsed / 60:5.1f} min {step * args.batch:7d} canvases  {text}", flush=True)
        if done or time.time() - saved > 180:
            saved = time.time()
            state = dict(model=model.state_dict(), optimizer=optimizer.state_dict(), average=average, elapsed=elapsed, step=step)
            torch.save(state, checkpoint.with_suffix(".tmp"))
            checkpoint.with_suffix(".tmp").rename(checkpoint)
            judge = ChirpViT(n_adapters=len(ADAPTERS)).to(args.device)
            judge.load_state_dict(average)
            text = " ".join(f"{v:.3f}" for v in evaluate(judge, validation, index, args.device))
            print(f"{name} step {step} saved; validation (presence ridge values running) {text}", flush=True)
        if done:
            break


if __name__ == "__main__":
    main()

"""Train the base, or LoRA adapters on the frozen base. Seeded, resumable, on a budget of minutes or canvases.

  python3 train.py base --minutes 60
  python3 train.py adapters --minutes 30 [--only slow scalp]
  python3 train.py adapters --only painted --name adapters-painted --start ../released/NAME/weights.pt --uses 1
                                               one adapter goes on from where it was released
  python3 train.py heads --only painted        the frozen base with new heads alone, to compare with
  python3 train.py full --only painted         everything tuned, the ceiling to compare with

With --processes N that many processes share each step, as torch's distributed data parallelism does.
"""

import argparse
import json
import math
import os
import time
from pathlib import Path

import torch
import torch.distributed as dist

from data import ADAPTER_MIX, MIX, VALIDATION_SEED, Batch, batches, examples
from losses import PARTS, loss_of
from model import ChirpViT

# Row 0 of the adapter stack is the base itself.
ADAPTERS = ["base", "slow", "scalp", "wide", "fast", "painted"]
RUNS = Path(__file__).parents[2] / "runs"
SAVE_SECONDS = 240


def rows_of(model, corpus, kind, names):
    """The adapter row of each canvas by its corpus (an index into `names`), or None for the base alone."""
    if kind == "base":
        return None
    return model.stack[torch.tensor([ADAPTERS.index(name) for name in names], device=corpus.device)[corpus]]


@torch.no_grad()
def validate(model, made, kind, names, device):
    """PARTS of the loss over the Examples `made`."""
    model.eval()
    total, n = 0, 0
    for i in range(0, len(made.canvas), 64):
        index = torch.arange(i, min(i + 64, len(made.canvas))).numpy()
        batch = Batch.of(made, index, index < 0, device)
        total = total + loss_of(model, batch, rows_of(model, batch.corpus, kind, names))[1] * len(index)
        n += len(index)
    return (total / n).tolist()


def trainable(model, kind):
    """Parameters that a kind of training changes, and what it starts from."""
    if kind in ("base", "full"):
        return list(model.parameters())
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    model.stack.requires_grad_(True)
    if kind == "heads":
        low_rank = torch.zeros_like(model.stack[0])
        for name, (at, shape) in model.layout.pieces.items():
            low_rank[at : at + math.prod(shape)] = 1.0 if name.endswith((".a", ".b")) else 0.0
        model.stack.register_hook(lambda g: g * (1 - low_rank))
    return [model.stack]


def share_gradients(parameters):
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    at = 0
    for g in gradients:
        g.copy_(flat[at : at + g.numel()].view_as(g))
        at += g.numel()


def fresh_state(args, model):
    """Loads the weights to start from; returns the state of an earlier run of the same name, or None."""
    checkpoint = args.runs / f"{args.name}.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=args.device)
        if "model" in state or args.kind == "base":
            model.load_state_dict(state.get("model", state["average"]))
        else:
            # Adapters that were kept: they go on, on the base that there is.
            model.load_state_dict(torch.load(args.runs / "base.pt", map_location=args.device)["average"])
            with torch.no_grad():
                model.stack.copy_(state["average"]["stack"])
        return state
    released = torch.load(args.start, map_location=args.device) if args.start else None
    if args.kind == "base":
        if released:
            model.load_state_dict({k: v.float() for k, v in released.items()}, strict=False)
    else:
        model.load_state_dict(torch.load(args.runs / "base.pt", map_location=args.device)["average"])
        with torch.no_grad():
            fresh = model.stack[0].clone()
            for row in range(1, len(ADAPTERS)):
                kept = model.stack[row].clone()
                model.stack[row] = fresh
                for name in model.layout.pieces:
                    if name.endswith(".a"):
                        model.layout.take(model.stack[row], name).copy_(model.layout.take(kept, name))
                if released:
                    model.stack[row] = uncalibrated(model.layout, released["stack"][row].float())
    return None


def uncalibrated(layout, row):
    """A copy of an adapter's row that says what the network does."""
    row = row.clone()
    layout.take(row, "calibration").copy_(torch.tensor([1.0, 0.0]))
    layout.take(row, "spread").fill_(1.0)
    return row


def facts_before(args):
    """What the released adapters that a run goes on from had been trained on, by name."""
    manifest = args.start and args.kind != "base" and args.start.parent / "manifest.json"
    if not manifest or not manifest.exists():
        return {}
    return {a["name"]: {k: a[k] for k in ("canvases", "minutes")} for a in json.loads(manifest.read_text())["adapters"]}


def run(rank, args):
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    if args.processes > 1:
        os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
        os.environ.setdefault("MASTER_PORT", str(args.port))
        dist.init_process_group("gloo", rank=rank, world_size=args.processes)
    mix = MIX if args.kind == "base" else {name: ADAPTER_MIX[name] for name in args.only}
    names = list(mix)
    model = ChirpViT(args.width, args.depth, n_adapters=len(ADAPTERS), refine=args.head == "refined").to(args.device)
    state = fresh_state(args, model)
    model = model.to(memory_format=torch.channels_last)
    parameters = trainable(model, args.kind)
    decay = args.decay if args.kind == "base" else 0.0
    optimizer = torch.optim.AdamW(parameters, weight_decay=decay)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    elapsed, step = 0.0, 0
    if state and "optimizer" in state:
        optimizer.load_state_dict(state["optimizer"])
        average, elapsed, step = state["average"], state["elapsed"], state["step"]
        print(f"resumed {args.name} at step {step}, {elapsed / 60:.1f} min", flush=True)
    earlier = state.get("earlier", {}) if state else facts_before(args)
    rate = args.rate or {"base": 1.5e-3, "adapters": 2e-3, "heads": 2e-3, "full": 5e-4}[args.kind]
    validation = examples(VALIDATION_SEED, args.validation, mix) if rank == 0 else None
    # Each run has its own stretch of seeds; those of validation begin at 10^9.
    first_seed = 10**8 * (1 + ["base", "adapters", "heads", "full"].index(args.kind))
    first_seed += (args.seed - 1) % 10 * 10**7 + rank * 4 * 10**6 + step * args.batch
    smooth, began, before, saved = None, time.time(), elapsed, time.time()

    def mode():
        model.train()
        if args.kind != "base":
            for module in model.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.eval()

    mode()
    for batch in batches(first_seed, args.batch // args.processes, mix, args.workers, args.device, args.stretch, uses=args.uses):
        elapsed = before + time.time() - began
        progress = step * args.batch / args.canvases if args.canvases else elapsed / (args.minutes * 60)
        if args.processes > 1:
            shared = torch.tensor([progress])
            dist.broadcast(shared, 0)
            progress = shared.item()
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 300) * max(0.01, 0.5 * (1 + math.cos(math.pi * min(1, progress))))
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(args.device, torch.bfloat16, enabled=args.bfloat16):
            total, parts = loss_of(model, batch, rows_of(model, batch.corpus, args.kind, names))
        total.backward()
        if args.processes > 1:
            share_gradients(parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 2.0)
        optimizer.step()
        step += 1
        done = step * args.batch >= args.canvases if args.canvases else progress >= 1
        if rank == 0:
            keep = min(0.999, (step + 1) / (step + 20))
            with torch.no_grad():
                for k, v in model.state_dict().items():
                    if v.is_floating_point():
                        average[k].lerp_(v, 1 - keep)
                    else:
                        average[k].copy_(v)
            smooth = parts if smooth is None else 0.98 * smooth + 0.02 * parts
            if step % 100 == 0:
                text = " ".join(f"{n} {v:.3f}" for n, v in zip(PARTS, smooth.tolist()))
                print(f"{args.name} step {step} {elapsed / 60:5.1f} min {step * args.batch:7d} canvases  {text}", flush=True)
            if done or time.time() - saved > SAVE_SECONDS:
                saved = time.time()
                kept = dict(model=model.state_dict(), optimizer=optimizer.state_dict(), average=average, elapsed=elapsed,
                            step=step, canvases=step * args.batch, earlier=earlier, only=args.only, width=args.width,
                            depth=args.depth, head=args.head)
                checkpoint = args.runs / f"{args.name}.pt"
                torch.save(kept, checkpoint.with_suffix(".tmp"))
                checkpoint.with_suffix(".tmp").rename(checkpoint)
                now = {k: v.clone() for k, v in model.state_dict().items()}
                model.load_state_dict(average)
                text = " ".join(f"{n} {v:.3f}" for n, v in zip(PARTS, validate(model, validation, args.kind, names, args.device)))
                model.load_state_dict(now)
                mode()
                print(f"{args.name} step {step} saved; validation {text}", flush=True)
        if done:
            break


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["base", "adapters", "heads", "full"])
    parser.add_argument("--only", nargs="+", choices=ADAPTERS[1:], default=ADAPTERS[1:], help="adapters to train")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--canvases", type=int, help="stop after this many, whatever they take, to compare networks")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, help="peak learning rate")
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--head", choices=["refined", "cells"], default="refined", help="with the second look, or without")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--bfloat16", action="store_true", help="multiply in 16 bits, where the processor does that faster")
    parser.add_argument("--processes", type=int, default=1, help="processes that share each step (CPU)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes that make canvases, for each that trains")
    parser.add_argument("--uses", type=int, default=4, help="times that a canvas is learned from, on average")
    parser.add_argument("--stretch", type=int, default=2048, help="canvases made at a time")
    parser.add_argument("--validation", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=29511)
    parser.add_argument("--start", type=Path, help="a released weights.pt to go on from, where there is no checkpoint")
    parser.add_argument("--name", help="of the checkpoint; the kind where not given")
    parser.add_argument("--runs", type=Path, default=RUNS, help="where checkpoints lie")
    args = parser.parse_args()
    args.name = args.name or args.kind
    args.runs.mkdir(parents=True, exist_ok=True)
    if args.processes == 1:
        run(0, args)
    else:
        torch.multiprocessing.spawn(run, (args,), args.processes)


if __name__ == "__main__":
    main()

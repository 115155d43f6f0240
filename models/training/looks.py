"""Train the third look of adapters, with all else frozen: what the first two looks give is computed once and learned
from many times. Seeded.

  python3 looks.py --only painted wide fast [--canvases 20000] [--epochs 12]

Goes on from runs/adapters.pt and runs/adapters-*.pt; writes runs/adapters-NAME.pt. With --again runs/adapters-NAME.pt are
left aside but for their third looks, to go on from adapters that were trained further since.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from canvas import WHITENING
from data import FAINT_DB, MAX_CHIRPS, VALIDATION_SEED, fresh_canvases
from export_onnx import facts, load
from losses import laplace
from train import ADAPTERS, RUNS

# Seeds of training, an adapter's beside the next.
FIRST_SEED = 6 * 10**8
# A slot follows a chirp whose ends lie as near as this, or that shares half of their joint time, with a middle as near.
NEAR_ENDS, NEAR_MIDDLE = 2.5 / 60, 0.08
# Columns of a chirp: onset, offset, start, middle, end, still running, and whether it is there (1), not to be judged (-1) or no chirp (0).
RUNNING, STATE = 5, 6
LOOK_PIECES = ("look.first.weight", "look.first.bias", "look.last.weight", "look.last.bias")


def table(chirps):
    """(MAX_CHIRPS, 7) of one canvas."""
    rows = np.zeros((MAX_CHIRPS, 7), np.float32)
    for k, c in enumerate(chirps[:MAX_CHIRPS]):
        rows[k] = c.onset, c.offset, c.start, c.middle, c.end, c.running, 1 if c.counts and c.local_db >= FAINT_DB else -1
    return rows


@torch.no_grad()
def cached(model, name, made):
    """made: pairs of canvas and Chirps. Returns canvases (half precision), chirps, what two looks give, and which are whole."""
    canvases = torch.from_numpy(np.stack([canvas for canvas, _ in made]))
    row, slots = model.stack[ADAPTERS.index(name)], []
    for some in canvases.split(64):
        slots.append(model.two_looks(some, row.expand(len(some), -1)))
    whole = ~(canvases == WHITENING["empty"]).all(1).any(1)
    chirps = torch.from_numpy(np.stack([table(chirps) for _, chirps in made]))
    return [canvases.half(), chirps, *(torch.cat(part) for part in zip(*slots)), whole]


def mirrored(canvas, chirps, logit, running, values, scales):
    """The same, running backwards in time."""
    back = lambda v: torch.stack([1 - v[..., 1], 1 - v[..., 0], v[..., 4], v[..., 3], v[..., 2]], -1)
    chirps = torch.cat([back(chirps), chirps[..., RUNNING:]], -1)
    return canvas.flip(2), chirps, logit, running, back(values), scales[..., [1, 0, 4, 3, 2]]


def followed(values, chirps):
    """Of each slot, (batch, n) the chirp it follows (-1: none): the nearest of those near enough."""
    v, c = values[:, :, None], chirps[:, None]
    apart = (v[..., :2] - c[..., :2]).abs().amax(-1)
    shared = torch.minimum(v[..., 1], c[..., 1]) - torch.maximum(v[..., 0], c[..., 0])
    joint = torch.maximum(v[..., 1], c[..., 1]) - torch.minimum(v[..., 0], c[..., 0])
    off = (v[..., 3] - c[..., 3]).abs()
    near = ((apart < NEAR_ENDS) | (shared > 0.5 * joint)) & (off < NEAR_MIDDLE) & (c[..., STATE] != 0)
    distance, which = torch.where(near, off + apart, torch.full_like(off, 9.0)).min(-1)
    return torch.where(distance < 9, which, -torch.ones_like(which))


def loss_of(slots, chirps, which, forwards):
    """Presence, values and running of one round of looking. forwards: not mirrored."""
    logit, running, values, scales = slots
    goal = torch.gather(chirps, 1, which.clamp_min(0)[..., None].expand(-1, -1, chirps.shape[2]))
    state = torch.where(which >= 0, goal[..., STATE], torch.zeros_like(logit))
    cross = F.binary_cross_entropy_with_logits(logit, (state == 1).float(), reduction="none")
    presence_loss = (cross * (state >= 0)).sum() / len(logit)
    hit = state == 1
    if not hit.any():
        return presence_loss, presence_loss * 0
    value_loss = laplace(values[hit], scales[hit].clamp(1e-3, 1), goal[..., :5][hit])
    if forwards:
        value_loss = value_loss + 0.3 * F.binary_cross_entropy_with_logits(running[hit], goal[..., RUNNING][hit])
    return presence_loss, value_loss


def both_rounds(look, rows, canvas, chirps, logit, running, values, scales, forwards=True):
    """Loss of the rounds, a later one counting double; a round does not answer for where the next looks."""
    which, slots, total = followed(values, chirps), (logit, running, values, scales), 0.0
    for weight in (0.5, 1.0):
        slots = look.round(canvas, slots[0], slots[1], slots[2].detach(), slots[3], rows)
        presence_loss, value_loss = loss_of(slots, chirps, which, forwards)
        total = total + weight * (presence_loss + value_loss)
    return total, presence_loss.item(), value_loss.item()


def validate(look, rows, held):
    parts = []
    for some in zip(*(part.split(256) for part in held)):
        parts.append(both_rounds(look, rows, some[0].float(), *some[1:6])[1:])
    return np.mean(parts, 0).round(3)


def train_one(model, name, n, args):
    """Changes the adapter's row in the model's stack."""
    torch.manual_seed(args.seed)
    began, mix = time.time(), {name: 1.0}
    first = FIRST_SEED + ADAPTERS.index(name) * 10**7 + args.seed * 10**6
    held = cached(model, name, fresh_canvases(VALIDATION_SEED + 3 * 10**6, args.validation, mix, args.workers))
    kept = []
    for at in range(0, n, 2048):
        kept.append(cached(model, name, fresh_canvases(first + at, min(2048, n - at), mix, args.workers)))
        print(f"{name}: {min(n, at + 2048)} canvases, {time.time() - began:.0f} s", flush=True)
    kept = [torch.cat(part) for part in zip(*kept)]
    row, layout = model.stack.data[ADAPTERS.index(name)].clone(), model.layout
    weight = layout.take(row, "look.first.weight")
    if not weight.any():
        weight.copy_(torch.randn_like(weight) / weight.shape[0] ** 0.5)
    inside = torch.zeros_like(row)
    for piece in LOOK_PIECES:
        layout.take(inside, piece).fill_(1.0)
    rows = torch.nn.Parameter(row[None])
    rows.register_hook(lambda g: g * inside)
    optimizer, step = torch.optim.Adam([rows]), 0
    n_steps = args.epochs * (n // args.batch)
    before = validate(model.look, rows.detach(), held)
    for epoch in range(args.epochs):
        for index in torch.randperm(n).split(args.batch)[: n // args.batch]:
            canvas, chirps, logit, running, values, scales, whole = (part[index] for part in kept)
            some, forwards = (canvas.float(), chirps, logit, running, values, scales), bool(torch.rand(()) < 0.5)
            if not forwards:
                some = mirrored(*(part[whole] for part in some))
            progress = step / n_steps
            optimizer.param_groups[0]["lr"] = args.rate * min(1, (step + 1) / 50) * max(0.01, 0.5 * (1 + math.cos(math.pi * progress)))
            optimizer.zero_grad(set_to_none=True)
            both_rounds(model.look, rows, *some, forwards=forwards)[0].backward()
            optimizer.step()
            step += 1
        with torch.no_grad():
            now = validate(model.look, rows.detach(), held)
        print(f"{name}: epoch {epoch + 1}, {time.time() - began:.0f} s; validation presence {now[0]}, values {now[1]}"
              f" (before {before[0]}, {before[1]})", flush=True)
    model.stack.data[ADAPTERS.index(name)] = rows.detach()[0]
    return time.time() - began


def together(args, name):
    """State of runs/adapters.pt, and how much the adapter learned there."""
    state = torch.load(args.runs / "adapters.pt", map_location="cpu")
    return state, facts(state, name)


def trained_further(args):
    """The model of runs/adapters.pt, of args.only with the third looks of runs/adapters-NAME.pt, and facts of both."""
    model, trained = load(args.runs, calibrated=False)
    for name in args.only:
        state, now = together(args, name)
        row, at = state["average"]["stack"][ADAPTERS.index(name)], ADAPTERS.index(name)
        for piece in LOOK_PIECES:
            model.layout.take(row, piece).copy_(model.layout.take(model.stack.data[at], piece))
        model.stack.data[at] = row
        before = torch.load(args.runs / f"adapters-{name}.pt", map_location="cpu").get("together")
        if before is None:
            raise SystemExit(f"{args.runs}/adapters-{name}.pt was not written by looks.py, and does not tell what of adapters.pt it has seen: leave --again out")
        trained[name] = {k: round(trained[name][k] - before[k] + now[k], 1) for k in now}
    return model, trained


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=ADAPTERS[1:], required=True)
    parser.add_argument("--canvases", type=int, default=20000)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--validation", type=int, default=1024)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="see above")
    parser.add_argument("--runs", type=Path, default=RUNS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model, trained = trained_further(args) if args.again else load(args.runs, calibrated=False)
    state = torch.load(args.runs / "base.pt", map_location="cpu")
    for name in args.only:
        elapsed = train_one(model, name, args.canvases, args)
        kept = {k: state[k] for k in ("width", "depth", "head")}
        # Canvases of the third look are counted with those before.
        out = dict(kept, average={"stack": model.stack.data.clone()}, canvases=args.canvases, elapsed=elapsed,
                   earlier={name: trained.get(name, {"canvases": 0, "minutes": 0})}, together=together(args, name)[1], only=[name])
        torch.save(out, args.runs / f"adapters-{name}.pt")


if __name__ == "__main__":
    main()

"""What training minimises: presence, ridge map, values with their scales, and running on, at both looks."""

import torch
import torch.nn.functional as F

from data import STILL_RUNNING
from model import N_SLOTS

PARTS = ("presence", "ridge", "values", "running", "presence2", "values2", "running2")


def loss_of(model, batch, rows):
    """Mean loss of a Batch; also its PARTS, for the log."""
    detection, fused, fine, finest = model.maps(batch.canvas, rows)
    logit, running, values, scales = model.decode(detection)
    n = len(batch.canvas)
    judged, positive = batch.presence >= 0, batch.presence == 1
    truth = batch.chirps[torch.arange(n, device=logit.device)[:, None], batch.which.flatten(1)]
    truth = truth.transpose(1, 2).reshape(n, 7, *logit.shape[1:])
    p = torch.sigmoid(logit)
    cross = F.binary_cross_entropy_with_logits(logit, positive.float(), reduction="none")
    # Focal weight: empty cells that are clearly empty teach little.
    weight = torch.where(positive, 1 - p, p).detach() ** 0.5
    presence_loss = (cross * weight * judged).sum() / n
    ridge_loss = F.binary_cross_entropy_with_logits(model.ridge(fine)[:, 0], (batch.ridge == 1).float(), reduction="none")
    ridge_loss = (ridge_loss * (batch.ridge >= 0)).sum() / n / 60
    at = lambda m: m.transpose(0, 1)[:, positive]
    if positive.any():
        value_loss = laplace(at(values), at(scales), at(truth[:, :5]))
        running_loss = F.binary_cross_entropy_with_logits(running[positive], truth[:, STILL_RUNNING][positive])
    else:
        value_loss = running_loss = logit.sum() * 0
    parts = [presence_loss, ridge_loss, value_loss, running_loss]
    total = presence_loss + ridge_loss + value_loss + 0.3 * running_loss
    if model.refine:
        refined = refined_loss(model, batch, rows, (logit, values, truth, fused, fine, finest))
        parts += refined
        total = total + refined[0] + refined[1] + 0.3 * refined[2]
    return total, torch.stack([p.detach() for p in parts])


def refined_loss(model, batch, rows, stage):
    logit, values, truth, fused, fine, finest = stage
    with torch.no_grad():
        # The proposals of use, and four cells that are chirps for certain: they are rare at first.
        sure = torch.where(batch.presence == 1, torch.rand_like(logit) + 100, torch.rand_like(logit))
        index = torch.cat([model.propose(logit, N_SLOTS), torch.topk(sure.flatten(1), 4)[1]], 1)
        take = lambda m: torch.gather(m.flatten(2), 2, index[:, None].expand(-1, m.shape[1], -1)).transpose(1, 2)
        proposals, goal = take(values), take(truth)
        presence = take(batch.presence[:, None].float())[..., 0]
    logit2, running2, values2, scales2 = model.refined(proposals, index, logit.detach(), fused, fine, finest, rows)
    cross = F.binary_cross_entropy_with_logits(logit2, (presence == 1).float(), reduction="none")
    presence_loss = (cross * (presence >= 0)).sum() / len(index)
    positive = presence == 1
    if not positive.any():
        return [presence_loss, logit2.sum() * 0, logit2.sum() * 0]
    value_loss = laplace(values2[positive], scales2[positive], goal[..., :5][positive])
    running_loss = F.binary_cross_entropy_with_logits(running2[positive], goal[..., STILL_RUNNING][positive])
    return [presence_loss, value_loss, running_loss]


def laplace(values, scales, truth):
    """Negative log likelihood of Laplace distributions, but for a constant."""
    return ((values - truth).abs() / scales + torch.log(scales)).mean()

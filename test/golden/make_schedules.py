"""Golden learning rates and clipped gradients from PyTorch in float64. Run with Debian's python3-torch; prints JSON."""
import json
import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim import lr_scheduler

UPDATES = 30


def rates(make):
    """The rate that each of the first updates is made with."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=2e-4)
    scheduler, seen = make(optimizer), []
    for _ in range(UPDATES):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return seen


def warm(optimizer):
    return lr_scheduler.LambdaLR(optimizer, lambda n: min(1, (n + 1) / 8))


def warmer(optimizer):
    """The same as factors, which chain with another scheduler."""
    for group in optimizer.param_groups:
        group["lr"] /= 8
    return lr_scheduler.MultiplicativeLR(optimizer, lambda n: (n + 1) / n if n < 8 else 1)


schedules = {
    "linear": rates(lambda o: lr_scheduler.LinearLR(o, 1.0, 0.25, total_iters=20)),
    "linearLater": rates(lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.ConstantLR(o, 1.0, 0), lr_scheduler.LinearLR(o, 1.0, 1e-12, total_iters=15)], [10])),
    "cosine": rates(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=UPDATES, eta_min=1e-5)),
    "step": rates(lambda o: lr_scheduler.StepLR(o, step_size=7, gamma=0.5)),
    "warmup": rates(warm),
    "warmupStep": rates(lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.StepLR(o, 7, 0.5), warmer(o)])),
}

torch.manual_seed(1)
shapes = [[3, 2], [2], [4]]
gradients = [(torch.randn(*s, dtype=torch.float64) * 3).float().double() for s in shapes]


def clipped(clip):
    weights = [torch.zeros(*s, dtype=torch.float64, requires_grad=True) for s in shapes]
    for weight, gradient in zip(weights, gradients):
        weight.grad = gradient.clone()
    clip(weights)
    return [w.grad.flatten().tolist() for w in weights]


result = {
    "torch": torch.__version__,
    "schedules": schedules,
    "shapes": shapes,
    "gradients": [g.flatten().tolist() for g in gradients],
    "clipped": {
        "value": clipped(lambda ws: clip_grad_value_(ws, 1.5)),
        "norm": clipped(lambda ws: [clip_grad_norm_([w], 4.0) for w in ws]),
        "globalNorm": clipped(lambda ws: clip_grad_norm_(ws, 2.0)),
        "globalNormLoose": clipped(lambda ws: clip_grad_norm_(ws, 1000.0)),
    },
    "adamAfter10": None,
}

# Ten steps of Adam under a falling rate and a global norm, as a training loop makes them.
weights = [torch.zeros(*s, dtype=torch.float64, requires_grad=True) for s in shapes]
optimizer = torch.optim.Adam(weights, lr=2e-4, betas=(0.5, 0.999), eps=1e-8)
scheduler = lr_scheduler.LinearLR(optimizer, 1.0, 0.25, total_iters=20)
for n in range(10):
    for weight, gradient in zip(weights, gradients):
        weight.grad = gradient * (1 if n % 3 else 0.05)
    clip_grad_norm_(weights, 2.0)
    optimizer.step()
    scheduler.step()
result["adamAfter10"] = [w.flatten().tolist() for w in weights]
print(json.dumps(result))

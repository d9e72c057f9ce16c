"""Golden numbers of the optimizers from PyTorch in float64. Run with Debian's python3-torch; prints JSON."""
import json
import torch

torch.manual_seed(0)
# Small, so that float32 resolves how far a weight moves and not only where it stands.
start = torch.randn(6, dtype=torch.float64) * 1e-4
gradients = [torch.randn(6, dtype=torch.float64) * (10.0 ** torch.randint(-3, 2, (6,))) for _ in range(10)]
makers = {
    "adam": lambda p: torch.optim.Adam(p, lr=2e-4, betas=(0.5, 0.999), eps=1e-8),
    "adamWganGp": lambda p: torch.optim.Adam(p, lr=1e-4, betas=(0.0, 0.9), eps=1e-8),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=5e-5, alpha=0.99, eps=1e-8),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01),
    "sgdMomentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
}
result = {"torch": torch.__version__, "start": start.tolist(), "gradients": [g.tolist() for g in gradients]}
for name, make in makers.items():
    weight = start.clone().requires_grad_()
    optimizer = make([weight])
    path = []
    for gradient in gradients:
        weight.grad = gradient.clone()
        optimizer.step()
        path.append(weight.detach().tolist())
    result[name] = {"after1": path[0], "after10": path[9]}
print(json.dumps(result))

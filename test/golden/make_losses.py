"""Golden values and gradients of the losses from PyTorch in float64. Run with Debian's python3-torch; prints JSON."""
import json
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce, logsigmoid

torch.manual_seed(1)
real = torch.randn(8, 1, dtype=torch.float64) * 6
fake = torch.randn(8, 1, dtype=torch.float64) * 6
real[0], fake[0], real[1], fake[1] = 40.0, 40.0, -40.0, -40.0


def measured(discriminator, generator):
    r, f, g = (x.clone().requires_grad_() for x in (real, fake, fake))
    d_loss, g_loss = discriminator(r, f), generator(g)
    d_loss.backward()
    g_loss.backward()
    flat = lambda x: x.flatten().tolist()
    return {"discriminator": d_loss.item(), "generator": g_loss.item(), "realGradient": flat(r.grad),
            "fakeGradient": flat(f.grad), "generatorGradient": flat(g.grad)}


result = {"torch": torch.__version__, "real": real.flatten().tolist(), "fake": fake.flatten().tolist()}
for smoothing in (0.0, 0.1):
    result[f"bce{smoothing}"] = measured(
        lambda r, f: bce(r, torch.full_like(r, 1 - smoothing)) + bce(f, torch.zeros_like(f)),
        lambda f: bce(f, torch.ones_like(f)),
    )
result["minimax"] = measured(
    lambda r, f: -logsigmoid(r).mean() - logsigmoid(-f).mean(),
    lambda f: logsigmoid(-f).mean(),
)
print(json.dumps(result))

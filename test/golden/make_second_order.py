"""Gradients of gradient penalties from PyTorch in float64. Run with Debian's python3-torch; prints JSON.

For each operation a small critic D, the penalty mean((|dD/dx| - 1)^2) and its gradient by each weight. Tensors are laid
out as TensorFlow.js has them (channels last), and turned here. Seeds are tried until central differences agree, so that
no kink lies within their reach, and no norm is near zero, which is a kink as well.
"""
import json
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
STEP = 1e-3


def last(t):  # channels first -> last
    return t.movedim(1, -1)


def first(t):  # channels last -> first
    return t.movedim(-1, 1)


def same(x, windows, strides, value=0.0):
    """Pads channels-first x as TensorFlow's 'same' does: what is odd goes to the end."""
    pads = []
    for size, window, stride in reversed(list(zip(x.shape[2:], windows, strides))):
        total = max((-(-size // stride) - 1) * stride + window - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


def conv(x, w, stride=1, dilation=1, pad="same", groups=1):
    """x channels last, w as [...window, in, out]."""
    n = w.dim() - 2
    windows = [(s - 1) * dilation + 1 for s in w.shape[:n]]
    x = first(x)
    if pad == "same":
        x = same(x, windows, [stride] * n)
    kernel = w.permute(n + 1, n, *range(n))
    return last((F.conv2d if n == 2 else F.conv3d)(x, kernel, stride=stride, dilation=dilation, groups=groups))


def depthwise(x, w, stride=1, dilation=1, pad="same"):
    """w as [height, width, in, multiplier]."""
    h, v, i, m = w.shape
    return conv(x, w.reshape(h, v, 1, i * m), stride, dilation, pad, groups=i)


def transposed(x, w):
    """Stride 2, 'same'; w as [...window of 3, out, in]: the gradient of the convolution of twice the size."""
    n = w.dim() - 2
    kernel = w.permute(n + 1, n, *range(n))
    f = F.conv_transpose2d if n == 2 else F.conv_transpose3d
    full = f(first(x), kernel, stride=2)
    return last(full[(slice(None), slice(None)) + tuple(slice(0, 2 * s) for s in x.shape[1:-1])])


def max_pool(x, window, stride, pad="valid"):
    n = x.dim() - 2
    x = first(x)
    if pad == "same":
        x = same(x, [window] * n, [stride] * n, value=-1e9)
    return last((F.max_pool2d if n == 2 else F.max_pool3d)(x, window, stride))


def average_pool(x, window, stride, pad="valid"):
    """The mean of what lies within the input; pad as F.pad has it, too."""
    n = x.dim() - 2
    pool = F.avg_pool2d if n == 2 else F.avg_pool3d
    x, ones = first(x), first(torch.ones_like(x))
    if pad == "same":
        x, ones = (same(t, [window] * n, [stride] * n) for t in (x, ones))
    elif pad != "valid":
        x, ones = (F.pad(t, pad) for t in (x, ones))
    return last(pool(x, window, stride) / pool(ones, window, stride))


def resize(x, size, mode, corners=None):
    return last(F.interpolate(first(x), size, mode=mode, align_corners=corners))


def legacy_bilinear(x, size):
    for axis, new in zip((1, 2), size):
        old = x.shape[axis]
        at = torch.arange(new) * old / new
        low = at.floor().long()
        part = (at - low).reshape([-1 if a == axis else 1 for a in range(4)])
        x = x.index_select(axis, low) * (1 - part) + x.index_select(axis, (low + 1).clamp(max=old - 1)) * part
    return x


def nearest_corners(x, size):
    for axis, new in zip((1, 2), size):
        at = torch.floor(torch.arange(new) * (x.shape[axis] - 1) / (new - 1) + 0.5).long()
        x = x.index_select(axis, at)
    return x


def mirror(x, before, after, mode):
    for axis in (1, 2):
        n, gap = x.shape[axis], 1 if mode == "reflect" else 0
        index = [before - 1 - i + gap for i in range(before)] + list(range(n)) + [n - 1 - gap - i for i in range(after)]
        x = x.index_select(axis, torch.tensor(index))
    return x


def depth_to_space(x, block):
    b, h, w, c = x.shape
    return x.reshape(b, h, w, block, block, c // block ** 2).permute(0, 1, 3, 2, 4, 5).reshape(b, h * block, w * block, -1)


def normalized(x, axes, scale=None, offset=None):
    mean, var = x.mean(axes, keepdim=True), x.var(axes, unbiased=False, keepdim=True)
    x = (x - mean) / torch.sqrt(var + 1e-3)
    return x * (1 if scale is None else scale) + (0 if offset is None else offset)


def hard_sigmoid(x):
    return (0.2 * x + 0.5).clamp(0, 1)


def two_steps(h):
    """[3, 6] as sequences of two steps of three values."""
    return h.reshape(3, 2, 3)


def lstm(h, kernel, recurrent, bias):
    state = cell = torch.zeros(3, 2)
    for x in two_steps(h).unbind(1):
        i, f, g, o = (x @ kernel + state @ recurrent + bias).split(2, 1)
        cell = hard_sigmoid(f) * cell + hard_sigmoid(i) * torch.tanh(g)
        state = hard_sigmoid(o) * torch.tanh(cell)
    return state


def gru(h, kernel, recurrent, bias):
    state = torch.zeros(3, 2)
    for x in two_steps(h).unbind(1):
        xz, xr, xh = (x @ kernel + bias).split(2, 1)
        z, r = (hard_sigmoid(a + b) for a, b in zip((xz, xr), (state @ recurrent[:, :4]).split(2, 1)))
        state = z * state + (1 - z) * torch.tanh(xh + (r * state) @ recurrent[:, 4:])
    return state


def attention(h, query, key, value):
    x = two_steps(h)
    return x + F.softmax((x @ query) @ (x @ key).transpose(1, 2) / 3 ** 0.5, -1) @ (x @ value)


def batch_deviation(h):
    spread = torch.sqrt(((h - h.mean(0)) ** 2).mean(0) + 1e-8).mean()
    return torch.cat([h, spread.expand(len(h), 1)], 1)


def exclusive_cumsum(h):
    return h.cumsum(1) - h


def prod_of_two_axes(x):
    return x * x.prod(2, keepdim=True).prod(0, keepdim=True)


def windowed(pool, h, window, stride, pads=None, value=0.0):
    """A pooling of torch on channels-last values; pads as F.pad has them."""
    h = first(h)
    return last(pool(h if pads is None else F.pad(h, pads, value=value), window, stride))


GATHERED = torch.tensor([2, 0, 2, 5])
LABELS = torch.tensor([1, 0, 2])

# name: (operation on hidden values and its own weights, shapes of these weights)
dense = {
    "relu": (lambda h: F.relu(h), []),
    "leakyRelu": (lambda h: F.leaky_relu(h, 0.2), []),
    "prelu": (lambda h, a: torch.where(h > 0, h, a * h), [[6]]),
    "relu6": (lambda h: F.relu6(h * 2), []),
    "elu": (lambda h: F.elu(h), []),
    "selu": (lambda h: F.selu(h), []),
    "softmax": (lambda h: F.softmax(h, -1), []),
    "logSoftmax": (lambda h: F.log_softmax(h, -1), []),
    "tanh": (lambda h: torch.tanh(h), []),
    "sigmoid": (lambda h: torch.sigmoid(h), []),
    "logSigmoid": (lambda h: F.logsigmoid(h), []),
    "exp": (lambda h: torch.exp(h), []),
    "swish": (lambda h: F.silu(h), []),
    "gelu": (lambda h: F.gelu(h), []),
    "geluNew": (lambda h: 0.5 * h * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (h + 0.044715 * h ** 3))), []),
    "mish": (lambda h: F.mish(h), []),
    "softplus": (lambda h: F.softplus(h), []),
    "softsign": (lambda h: F.softsign(h), []),
    "hardSigmoid": (lambda h: (0.2 * h + 0.5).clamp(0, 1), []),
    "abs": (lambda h: h.abs(), []),
    "pow": (lambda h: (h * h + 1) ** 1.7, []),
    "powOfWeight": (lambda h, e: (h * h + 1) ** e, [[6]]),
    "where": (lambda h: torch.where(h > 0.1, h * h, 3 * h), []),
    "maximum": (lambda h, a: torch.maximum(h, a.expand_as(h)), [[6]]),
    "minimum": (lambda h, a: torch.minimum(h, a.expand_as(h)), [[6]]),
    "clip": (lambda h: h.clamp(-0.7, 0.9), []),
    "max": (lambda h: h.amax(-1), []),
    "min": (lambda h: h.amin(-1), []),
    "logSumExp": (lambda h: torch.logsumexp(h, -1), []),
    "squaredDifference": (lambda h, a: (h - a) ** 2, [[6]]),
    "layerNorm": (lambda h, g, b: normalized(h, -1, g, b), [[6], [6]]),
    "batchNormOfRows": (lambda h, g, b: normalized(h, 0, g, b), [[6], [6]]),
    "gather": (lambda h: h.index_select(1, GATHERED), []),
    "embedding": (lambda h, e: h * e[LABELS], [[4, 6]]),
    "normalizedRows": (lambda h: h / h.norm(dim=1, keepdim=True), []),
    "cosine": (lambda h: F.cosine_similarity(h[:, :3], h[:, 3:], 1), []),
    "maximumOfRows": (lambda h, a: torch.maximum(h, a.expand_as(h)), [[3, 1]]),
    "maxOfAll": (lambda h: h * h.max(), []),
    "logSumExpOfBatch": (lambda h: h * torch.logsumexp(h, 0, keepdim=True), []),
    "cumsumBackwards": (lambda h: h.flip(1).cumsum(1).flip(1) ** 2, []),
    "prod": (lambda h: (h + 1).prod(1), []),
    "prodOfTwoAxes": (lambda h: prod_of_two_axes((0.3 * h + 1).reshape(3, 2, 3)), []),
    "powOfOne": (lambda h: F.relu(h) ** 1 * h, []),
    "powOfNothing": (lambda h: F.relu(h) ** 0 * h, []),
    "floorDiv": (lambda h: h * torch.floor(h / 0.7), []),
    "crossEntropyOfLabels": (lambda h: -(F.softmax(h, -1) * F.log_softmax(2 * h, -1)).sum(-1), []),
    "cumsumOfBatch": (lambda h: h.cumsum(0) ** 2, []),
    "cumsumOfSquare": (lambda h: h[:, 1:4].flip(0).cumsum(0).flip(0) ** 2, []),
    "cumsumExclusive": (lambda h: exclusive_cumsum(h.reshape(2, 3, 3)) ** 2, []),
    "cumsumExclusiveBackwards": (lambda h: exclusive_cumsum(h.reshape(2, 3, 3).flip(1)).flip(1) ** 2, []),
    "thresholdedRelu": (lambda h: torch.where(h > 0.3, h, torch.zeros_like(h)) * h, []),
    "crossEntropy": (lambda h: F.cross_entropy(h, LABELS, reduction="none"), []),
    "attention": (attention, [[3, 3]] * 3),
    "matMulBroadcast": (lambda h, w: torch.tanh(two_steps(h) @ w), [[1, 3, 2]]),
    "batchDeviation": (batch_deviation, []),
    "lstm": (lstm, [[3, 8], [2, 8], [8]]),
    "gru": (gru, [[3, 6], [2, 6], [6]]),
    "stridedSlice": (lambda h: h.flip(1)[:, ::2] ** 2, []),
    "topk": (lambda h: torch.topk(h, 2, 1).values ** 2, []),
    "einsum": (lambda h, w: torch.einsum("bi,ij->bj", h, w) ** 2, [[6, 3]]),
    "gatherND": (lambda h: h[[0, 1, 2], [1, 2, 5]] ** 2, []),
    "tile": (lambda h: torch.tanh(h).reshape(-1, 1, 2, 1, 3, 1).tile(1, 2, 1, 2, 3, 1), []),
}
images = {
    "conv2dStrided": (lambda h, w: conv(h, w, 2), [[3, 3, 4, 3]]),
    "conv2dDilated": (lambda h, w: conv(h, w, 1, 2), [[3, 2, 4, 3]]),
    "conv2dDilatedValid": (lambda h, w: conv(h, w, 1, 2, "valid"), [[2, 2, 4, 3]]),
    "conv2dTranspose": (transposed, [[3, 3, 2, 4]]),
    "depthwiseConv2d": (lambda h, w: depthwise(h, w, 2), [[3, 3, 4, 2]]),
    "depthwiseConv2dDilated": (lambda h, w: depthwise(h, w, 1, 2), [[3, 2, 4, 1]]),
    "separableConv2d": (lambda h, w, p: conv(depthwise(h, w), p), [[3, 3, 4, 2], [1, 1, 8, 3]]),
    "avgPool": (lambda h: average_pool(h, 2, 2), []),
    "avgPoolPadded": (lambda h: average_pool(h, 3, 2, "same"), []),
    "maxPool": (lambda h: max_pool(h, 2, 2), []),
    "maxPoolPadded": (lambda h: max_pool(h, 3, 2, "same"), []),
    "globalAveragePooling": (lambda h: h.mean((1, 2)), []),
    "globalMaxPooling": (lambda h: h.amax((1, 2)), []),
    "resizeNearest": (lambda h: resize(h, (9, 7), "nearest"), []),
    "resizeNearestCorners": (lambda h: nearest_corners(h, (9, 7)), []),
    "resizeNearestHalfPixel": (lambda h: resize(h, (9, 7), "nearest-exact"), []),
    "resizeBilinear": (lambda h: legacy_bilinear(h, (9, 7)), []),
    "resizeBilinearCorners": (lambda h: resize(h, (9, 7), "bilinear", True), []),
    "resizeBilinearHalfPixel": (lambda h: resize(h, (9, 7), "bilinear", False), []),
    "resizeBilinearSmaller": (lambda h: resize(h, (3, 2), "bilinear", False), []),
    "depthToSpace": (lambda h: depth_to_space(h, 2), []),
    "batchNorm": (lambda h, g, b: normalized(h, (0, 1, 2), g, b), [[4], [4]]),
    "batchNormWithoutScale": (lambda h, b: normalized(h, (0, 1, 2), None, b), [[4]]),
    "batchNormWithoutOffset": (lambda h, g: normalized(h, (0, 1, 2), g), [[4]]),
    "batchNormWithoutBoth": (lambda h: normalized(h, (0, 1, 2)), []),
    "batchNormFixed": (lambda h, m, v, g, b: (h - m) / torch.sqrt(v * v + 1e-3) * g + b, [[4], [4], [4], [4]]),
    "instanceNorm": (lambda h, g, b: normalized(h, (1, 2), g, b), [[4], [4]]),
    "leakyReluLayerNormConv": (lambda h, g, b, w: conv(normalized(F.leaky_relu(h, 0.2), -1, g, b), w), [[4], [4], [3, 3, 4, 2]]),
    "preluShared": (lambda h, a: torch.where(h > 0, h, a * h), [[1, 1, 4]]),
    "softmaxOfChannels": (lambda h: F.softmax(3 * h, -1), []),
    "logSumExpOfPlaces": (lambda h: h * torch.logsumexp(h, (1, 2), keepdim=True), []),
    "convPaddedByHand": (lambda h, w: conv(F.pad(h, (0, 0, 2, 1, 1, 0)), w, pad="valid"), [[3, 3, 4, 3]]),
    "depthwiseConv2dDilatedValid": (lambda h, w: depthwise(h, w, 1, 2, "valid"), [[2, 2, 4, 2]]),
    "separableConv2dStrided": (lambda h, w, p: conv(depthwise(h, w, 2), p), [[3, 3, 4, 2], [1, 1, 8, 3]]),
    "avgPoolRectangular": (lambda h: windowed(F.avg_pool2d, h, (2, 3), (2, 1)), []),
    "maxPoolOverlapping": (lambda h: max_pool(h, 3, 1, "same"), []),
    "maxPoolPaddedByHand": (lambda h: windowed(F.max_pool2d, h, 3, 2, (1, 1, 1, 1), -1e9), []),
    "flipLeftRight": (lambda h: h.flip(2) * h, []),
    "conv2dRoundedUp": (lambda h, w: conv(F.pad(h, (0, 0, 1, 1, 1, 2)), w, 2, pad="valid"), [[3, 3, 4, 3]]),
    "avgPoolRoundedUp": (lambda h: average_pool(h, 3, 2, (1, 1, 1, 2)), []),
    "maxPoolRoundedUp": (lambda h: windowed(F.max_pool2d, h, 3, 2, (1, 1, 1, 2), -1e9), []),
    "upSampling2dBilinear": (lambda h: legacy_bilinear(h, (12, 10)), []),
    "groupNorm": (lambda h: normalized(h.reshape(2, 6, 5, 2, 2), (1, 2, 4)), []),
    "mirrorPadReflect": (lambda h: mirror(h, 2, 1, "reflect"), []),
    "mirrorPadSymmetric": (lambda h: mirror(h, 1, 2, "symmetric"), []),
}
volumes = {
    "conv3d": (lambda h, w: conv(h, w, 2), [[2, 3, 3, 2, 3]]),
    "conv3dDilated": (lambda h, w: conv(h, w, 1, 2), [[2, 2, 2, 2, 2]]),
    "conv3dTranspose": (transposed, [[3, 3, 3, 2, 2]]),
    "conv3dStrides": (lambda h, w: last(F.conv3d(first(h), w.permute(4, 3, 0, 1, 2), stride=(1, 2, 1))), [[2, 2, 1, 2, 3]]),
    "avgPool3dPadded": (lambda h: average_pool(h, 3, 2, "same"), []),
    "maxPool3d": (lambda h: max_pool(h, 2, 2), []),
    "maxPool3dPadded": (lambda h: max_pool(h, 3, 2, "same"), []),
    "maxPool3dOverlapping": (lambda h: max_pool(h, 2, 1), []),
    "maxPool3dBox": (lambda h: windowed(F.max_pool3d, h, (2, 1, 2), (1, 2, 1)), []),
}
# Critics whose penalty is on the gradient by their weights.
by_weights = ["tanh", "conv2dStrided", "conv2dDilated", "conv2dTranspose", "depthwiseConv2d", "maxPool", "conv3d"]
by_weights += ["lstm", "attention", "preluShared", "convPaddedByHand", "separableConv2dStrided", "conv3dStrides", "conv3dTranspose"]


def norms(critic, x, weights, of_weights):
    inputs = weights if of_weights else [x.clone().requires_grad_()]
    d = critic(x if of_weights else inputs[0], *weights)
    slopes = torch.autograd.grad(d.sum(), inputs, create_graph=True)
    if of_weights:
        return sum((s * s).sum() for s in slopes).sqrt()
    return slopes[0].flatten(1).norm(dim=1)


def penalty(*critic):
    return ((norms(*critic) - 1) ** 2).mean()


def measured(operation, own, x_shape, first_weight, hidden, of_weights):
    def critic(x, w1, w2, *rest):
        z = operation(hidden(x, w1), *rest).reshape(x_shape[0], -1)
        return z @ w2 + 0.1 * (z * z).sum(1)

    for seed in range(1000):
        torch.manual_seed(seed)
        draw = lambda shape, scale: (torch.randn(shape) * scale).round(decimals=3)
        x = draw(x_shape, 1.0)
        w1 = draw(first_weight, 0.6)
        rest = [draw(shape, 0.5) for shape in own]
        size = operation(hidden(x, w1), *rest).reshape(x_shape[0], -1).shape[1]
        weights = [w1, draw([size], 0.5), *rest]
        leaves = [w.clone().requires_grad_() for w in weights]
        if norms(critic, x, leaves, of_weights).min() < 0.1:
            continue
        value = penalty(critic, x, leaves, of_weights)
        gradients = torch.autograd.grad(value, leaves, allow_unused=True)
        gradients = [torch.zeros_like(w) if g is None else g for g, w in zip(gradients, weights)]
        if agrees(critic, x, weights, gradients, of_weights):
            numbers = lambda t: [float(f"{v:.8g}") for v in t.flatten().tolist()]
            return {
                "x": {"shape": x_shape, "values": x.flatten().tolist()},
                "weights": [{"shape": list(w.shape), "values": w.flatten().tolist()} for w in weights],
                "penalty": value.item(),
                "gradients": [numbers(g) for g in gradients],
            }
    raise RuntimeError("every seed has a kink nearby")


def agrees(critic, x, weights, gradients, of_weights):
    for i, (w, g) in enumerate(zip(weights, gradients)):
        for k in range(w.numel()):
            sides = []
            for step in (STEP, -STEP):
                moved = [v.clone().requires_grad_() for v in weights]
                with torch.no_grad():
                    moved[i].view(-1)[k] += step
                sides.append(penalty(critic, x, moved, of_weights).item())
            difference = (sides[0] - sides[1]) / (2 * STEP)
            if abs(difference - g.flatten()[k].item()) > 1e-3 * (1 + g.norm().item()):
                return False
    return True


def linear(x, w):
    return x @ w


kinds = [
    (dense, [3, 5], [5, 6], linear),
    (images, [2, 6, 5, 2], [2, 2, 2, 4], lambda x, w: torch.tanh(conv(x, w))),
    (volumes, [2, 4, 5, 3, 1], [2, 2, 2, 1, 2], lambda x, w: torch.tanh(conv(x, w))),
]
cases = {}
for operations, x_shape, first_weight, hidden in kinds:
    for name, (operation, own) in operations.items():
        cases[name] = measured(operation, own, x_shape, first_weight, hidden, False)
        if name in by_weights:
            cases[name + "ByWeights"] = measured(operation, own, x_shape, first_weight, hidden, True)
print(json.dumps({"torch": torch.__version__, "cases": cases}, separators=(",", ":")))

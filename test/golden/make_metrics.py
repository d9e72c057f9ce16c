"""Golden values of the metrics, in float64. Run with Debian's python3-numpy, python3-scipy, python3-sklearn; prints JSON."""
import json
import numpy as np
import scipy
import sklearn
from scipy.signal import convolve2d
from scipy.special import log_softmax
from scipy.stats import mannwhitneyu, wasserstein_distance
from sklearn.metrics.pairwise import euclidean_distances, polynomial_kernel
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

rng = np.random.default_rng(6)


def cloud(rows, columns, shift):
    mix = rng.normal(size=(columns, columns)) / np.sqrt(columns)
    return np.round(rng.normal(size=(rows, columns)) @ mix + shift, 5)


def frechet(real, fake):
    """The trace of the root is the sum of the singular values of A·Bᵀ where the covariances are AᵀA and BᵀB."""
    a, b = ((x - x.mean(0)) / np.sqrt(len(x) - 1) for x in (real, fake))
    root = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return float(((real.mean(0) - fake.mean(0)) ** 2).sum() + (a**2).sum() + (b**2).sum() - 2 * root)


def frechet_by_sqrtm(real, fake):
    c1, c2 = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    root = scipy.linalg.sqrtm(c1 @ c2).real
    return float(((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(c1 + c2 - 2 * root))


def kernel(real, fake):
    m = len(real)
    xx, yy, xy = (polynomial_kernel(p, q, degree=3, coef0=1) for p, q in ((real, real), (fake, fake), (real, fake)))
    off = lambda k: (k.sum() - np.trace(k)) / (m * (m - 1))
    return float(off(xx) + off(yy) - 2 * xy.mean())


def score(logits, splits):
    scores, n = [], len(logits)
    for i in range(splits):
        part = log_softmax(logits[i * n // splits:(i + 1) * n // splits], axis=1)
        p = np.exp(part)
        scores.append(np.exp((p * (part - np.log(p.mean(0)))).sum(1).mean()))
    return [float(np.mean(scores)), float(np.std(scores))]


def prdc(real, fake, k):
    radius = lambda x: NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(x).kneighbors(x)[0][:, -1]
    between = euclidean_distances(real, fake)
    in_real, in_fake = between < radius(real)[:, None], between < radius(fake)[None, :]
    return {"precision": in_real.any(0).mean(), "recall": in_fake.any(1).mean(),
            "density": in_real.sum(0).mean() / k, "coverage": in_real.any(1).mean()}


def sliced(real, fake, directions, order):
    costs = []
    for direction in directions:
        a, b = np.sort(real @ direction), np.sort(fake @ direction)
        lcm = np.lcm(len(a), len(b))
        a, b = np.repeat(a, lcm // len(a)), np.repeat(b, lcm // len(b))
        costs.append((np.abs(a - b) ** order).mean())
        if order == 1:
            assert np.isclose(costs[-1], wasserstein_distance(real @ direction, fake @ direction))
    return float(np.mean(costs) ** (1 / order))


def pictures(shape):
    b, h, w, c = np.meshgrid(*(np.arange(n) for n in shape), indexing="ij")
    first = np.sin(h * 0.3 + b) * np.cos(w * 0.5 * (c + 1))
    return first, 0.8 * first + 0.2 * np.sin(h * w * 0.7 + b)


def ms_ssim(first, second, reach):
    weights = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
    side = min(first.shape[1:3])
    scales = 1
    while scales < 5 and -(-side // 2**scales) >= 11:
        scales += 1
    weights = weights[:scales] / weights[:scales].sum()
    c1, c2, values = (0.01 * reach) ** 2, (0.03 * reach) ** 2, []
    for b in range(first.shape[0]):
        for c in range(first.shape[3]):
            x, y, value = first[b, :, :, c], second[b, :, :, c], 1.0
            for scale in range(scales):
                if scale:
                    x, y = (np.pad(p, [(0, n % 2) for n in p.shape], mode="symmetric") for p in (x, y))
                    x, y = (p.reshape(p.shape[0] // 2, 2, p.shape[1] // 2, 2).mean((1, 3)) for p in (x, y))
                size = min(11, *x.shape)
                at = np.arange(size) - (size - 1) / 2
                bell = np.exp(-at**2 / (2 * (1.5 * size / 11) ** 2))
                window = np.outer(bell, bell) / bell.sum() ** 2
                blur = lambda p: convolve2d(p, window, mode="valid")
                mx, my = blur(x), blur(y)
                contrast = (2 * (blur(x * y) - mx * my) + c2) / (blur(x * x) + blur(y * y) - mx**2 - my**2 + c2)
                bright = (2 * mx * my + c1) / (mx**2 + my**2 + c1)
                term = (contrast * bright if scale == scales - 1 else contrast).mean()
                value *= max(term, 0) ** weights[scale]
            values.append(value)
    return {"shape": list(first.shape), "scales": scales, "value": float(np.mean(values))}


def binomial(size, halving):
    """The window [1 4 6 4 1] / 16 as a matrix that halves one axis, or that doubles it again; borders mirrored."""
    mirrored = lambda i: -i if i < 0 else 2 * (size - 1) - i if i >= size else i
    small = -(-size // 2)
    matrix = np.zeros((small, size) if halving else (size, small))
    for to in range(len(matrix)):
        for tap, weight in zip(range(-2, 3), (1, 4, 6, 4, 1)):
            at = mirrored((2 * to if halving else to) + tap)
            if halving:
                matrix[to, at] += weight / 16
            elif at % 2 == 0:
                matrix[to, at // 2] += 2 * weight / 16
    return matrix


def pyramid(image, levels):
    """The levels of a plane."""
    for level in range(levels):
        down = [binomial(size, True) for size in image.shape]
        up = [binomial(size, False) for size in image.shape]
        half = down[0] @ image @ down[1].T
        yield image if level == levels - 1 else image - up[0] @ half @ up[1].T
        image = half


def patches(images, levels, per_image):
    """Of each level the normalized 7 × 7 patches, cut at places that a formula tells; Karras et al., 2018."""
    planes = [[list(pyramid(image[:, :, c], levels)) for c in range(image.shape[2])] for image in images]
    for level in range(levels):
        cut = np.array([[plane[level][y:y + 7, x:x + 7] for plane in image]
                        for number, image in enumerate(planes) for y, x in corners(image[0][level].shape, number, per_image)])
        cut -= cut.mean((0, 2, 3), keepdims=True)
        cut /= cut.std((0, 2, 3), keepdims=True)
        yield cut.transpose(0, 2, 3, 1).reshape(len(cut), -1)


def corners(shape, number, per_image):
    return [((5 * patch + 3 * number) % (shape[0] - 6), (11 * patch + 2 * number) % (shape[1] - 6)) for patch in range(per_image)]


def patch_directions(size):
    some = np.sin(1 + 17 * np.arange(12)[:, None] + 0.1 * np.arange(size) ** 2)
    return some / np.linalg.norm(some, axis=1, keepdims=True)


def sliced_pyramid(shape, levels):
    images, other = pictures(shape)
    sets = (patches(images, levels, 20), patches(other[1:], levels, 20))
    distances = [sliced(a, b, patch_directions(a.shape[1]), 1) for a, b in zip(*sets)]
    return {"shape": list(shape), "levels": levels, "distances": distances}


real, fake = cloud(60, 5, 0.0), cloud(60, 5, 0.3)
fewer = cloud(50, 5, 0.3)
flat_real, flat_fake = cloud(8, 12, 0.0), cloud(9, 12, 0.5)
labels = lambda x: (x[:, 0] > x[:, 0].mean()).astype(int) + (x[:, 1] > 1).astype(int)
logits = np.round(rng.normal(size=(50, 4)) * 3, 5)
directions = rng.normal(size=(40, 5))
directions = np.round(directions / np.linalg.norm(directions, axis=1, keepdims=True), 6)
assert np.isclose(frechet(real, fewer), frechet_by_sqrtm(real, fewer))

to_train = lambda x: NearestNeighbors(n_neighbors=1, algorithm="brute").fit(real).kneighbors(x)
near, at = to_train(fewer)
test = mannwhitneyu(near[:, 0], to_train(fake)[0][:, 0], use_continuity=False, method="asymptotic")
pairs = len(fewer) * len(fake)
z = (pairs / 2 - test.statistic) / np.sqrt(pairs * (len(fewer) + len(fake) + 1) / 12)
assert np.isclose(2 * scipy.stats.norm.sf(abs(z)), test.pvalue)


def knn(teacher, pupil, k):
    return float(KNeighborsClassifier(k, algorithm="brute").fit(teacher, labels(teacher)).score(pupil, labels(pupil)))


print(json.dumps({
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__},
    "real": real.tolist(), "fake": fake.tolist(), "fewer": fewer.tolist(),
    "flatReal": flat_real.tolist(), "flatFake": flat_fake.tolist(),
    "logits": logits.tolist(), "directions": directions.tolist(),
    "frechet": {"full": frechet(real, fewer), "flat": frechet(flat_real, flat_fake)},
    "kernel": kernel(real, fake),
    "score": {str(splits): score(logits, splits) for splits in (1, 3)},
    "prdc": {str(k): prdc(real, fewer, k) for k in (3, 5)},
    "sliced": {name: {str(order): sliced(real, other, directions, order) for order in (1, 2)}
               for name, other in (("fake", fake), ("fewer", fewer))},
    "msSsim": [ms_ssim(*pictures(shape), 2.0) for shape in ((2, 28, 28, 1), (1, 45, 50, 2), (2, 8, 8, 3), (1, 176, 180, 1))],
    "slicedPyramid": [sliced_pyramid((3, 32, 64, 3), 2), sliced_pyramid((4, 45, 50, 1), 2), sliced_pyramid((3, 28, 28, 1), 1),
                      sliced_pyramid((3, 64, 64, 2), 3)],
    "memorization": {"zScore": float(z), "probability": float(1 - test.statistic / pairs),
                     "nearest": at[:, 0].tolist(), "distances": near[:, 0].tolist()},
    "labels": {"real": labels(real).tolist(), "fewer": labels(fewer).tolist()},
    "ganTrainTest": {str(k): {"ganTrain": knn(fewer, real, k), "ganTest": knn(real, fewer, k)} for k in (1, 3)},
}))

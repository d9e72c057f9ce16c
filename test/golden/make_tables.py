"""Figures of two small tables by SciPy and scikit-learn, and by the formulas of SDMetrics in numpy, for
test/metrics/table/table-report.test.ts.

    python3 test/golden/make_tables.py > test/golden/tables.json

SciPy and scikit-learn 1.2.1 of Debian. SDMetrics itself is not used: KSComplement, TVComplement, CorrelationSimilarity,
ContingencySimilarity with numpy's digitize on ten bins of the real range, and the distance to the closest record are
written out here.
"""

import json

import numpy as np
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

random = np.random.default_rng(3)


def table(rows, shift):
    kind = random.choice(["a", "b", "c"], rows, p=[0.5 - shift, 0.3, 0.2 + shift])
    x = np.round(random.normal(0, 1, rows) + (kind == "c") * 2 + shift, 2)
    y = np.round(0.7 * x + random.normal(0, 1, rows), 2)
    mark = np.where(random.random(rows) < 0.3 + 0.4 * (kind == "a"), "p", "q")
    return {"kind": kind, "x": x, "y": y, "mark": mark}


real, made = table(120, 0.0), table(100, 0.15)


def variation(first, second):
    values = sorted(set(first) | set(second))
    share = lambda all, value: sum(1 for one in all if one == value) / len(all)
    return 0.5 * sum(abs(share(first, value) - share(second, value)) for value in values)


def digitized(column):
    edges = np.histogram_bin_edges(real[column], bins=10)
    return [[f"{bin}" for bin in np.digitize(side[column], edges)] for side in (real, made)]


def contingency(first, second):
    sides = [
        digitized(name) if name in ("x", "y") else [list(real[name]), list(made[name])] for name in (first, second)
    ]
    joint = [[f"{a}|{b}" for a, b in zip(sides[0][k], sides[1][k])] for k in (0, 1)]
    return 1 - variation(*joint)


def correlation(side):
    return np.corrcoef(side["x"], side["y"])[0, 1]


def cramer(first, second):
    """Cramér's V without its bias (Bergsma, 2013)."""
    a, b = (np.unique(real[name], return_inverse=True)[1] for name in (first, second))
    counts = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(counts, (a, b), 1)
    n = counts.sum()
    expected = counts.sum(1, keepdims=True) * counts.sum(0, keepdims=True) / n
    chi = ((counts - expected) ** 2 / expected).sum()
    r, k = counts.shape
    phi = max(0, chi / n - (r - 1) * (k - 1) / (n - 1))
    r, k = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    return np.sqrt(phi / (min(r, k) - 1)), 1 - np.abs(counts - expected).sum() / n / 2


def closest(from_, to):
    spread = {name: np.ptp(real[name]) for name in ("x", "y")}
    parts = [np.abs(from_[name][:, None] - to[name][None]) / spread[name] for name in ("x", "y")]
    parts = [np.minimum(part, 1) for part in parts]
    parts += [(from_[name][:, None] != to[name][None]).astype(float) for name in ("kind", "mark")]
    return np.sort(np.mean(parts, axis=0), axis=1)


def rows(side):
    return [
        {"kind": str(k), "x": float(x), "y": float(y), "mark": str(m)}
        for k, x, y, m in zip(side["kind"], side["x"], side["y"], side["mark"])
    ]


features = random.normal(0, 1, (60, 3))
features[:, 2] = features[:, 2] > 0
labels = (features[:, 0] - features[:, 2] + random.normal(0, 1, 60) > 0).astype(int)
model = LogisticRegression(tol=1e-10, max_iter=1000).fit(features, labels)
odds = model.decision_function(features)
distances = closest(made, real)
association, independent = cramer("kind", "mark")
print(
    json.dumps(
        {
            "real": rows(real),
            "made": rows(made),
            "shapes": {
                "kind": 1 - variation(list(real["kind"]), list(made["kind"])),
                "mark": 1 - variation(list(real["mark"]), list(made["mark"])),
                "x": 1 - ks_2samp(real["x"], made["x"]).statistic,
                "y": 1 - ks_2samp(real["y"], made["y"]).statistic,
            },
            "trends": {
                "x y": 1 - abs(correlation(real) - correlation(made)) / 2,
                "kind mark": contingency("kind", "mark"),
                "kind x": contingency("kind", "x"),
            },
            "correlation": correlation(real),
            "association": association,
            "independent": independent,
            "distance": float(np.median(distances[:, 0])),
            "neighborRatio": float(np.median(distances[:, 0] / distances[:, 1])),
            "features": features.ravel().tolist(),
            "labels": labels.tolist(),
            "weights": model.coef_[0].tolist(),
            "intercept": float(model.intercept_[0]),
            "auc": float(roc_auc_score(labels, np.round(odds, 1))),
            "odds": np.round(odds, 1).tolist(),
        }
    )
)

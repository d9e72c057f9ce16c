"""Gaussian mixtures under a Dirichlet process by scikit-learn, for test/codecs/table/gaussian-mixture.test.ts.

    python3 test/golden/make_mixture.py > test/golden/mixture.json

scikit-learn 1.2.1 (Debian's python3-sklearn). Both fits begin with the same component for each number: its place among
the numbers in order, in ten parts.
"""

import json

import numpy as np
from sklearn.mixture import BayesianGaussianMixture


class FromOrder(BayesianGaussianMixture):
    def _initialize_parameters(self, X, random_state):
        place = np.argsort(np.argsort(X[:, 0], kind="stable"), kind="stable")
        shares = np.zeros((len(X), self.n_components))
        shares[np.arange(len(X)), place * self.n_components // len(X)] = 1
        self._initialize(X, shares)


def case(values):
    values = np.round((values - values.mean()) / values.std(), 6)
    model = FromOrder(
        n_components=10,
        weight_concentration_prior_type="dirichlet_process",
        weight_concentration_prior=0.001,
        max_iter=100,
        n_init=1,
    ).fit(values[:, None])
    return {
        "values": values.tolist(),
        "iterations": int(model.n_iter_),
        "weights": model.weights_.tolist(),
        "means": model.means_[:, 0].tolist(),
        "deviations": np.sqrt(model.covariances_[:, 0, 0]).tolist(),
    }


random = np.random.default_rng(1)
cases = {
    "three": np.concatenate([random.normal(-4, 0.5, 120), random.normal(0, 1, 80), random.normal(5, 0.2, 50)]),
    "skewed": random.lognormal(0, 1, 250),
    "whole": random.integers(0, 6, 250).astype(float),
}
print(json.dumps({name: case(values) for name, values in cases.items()}))

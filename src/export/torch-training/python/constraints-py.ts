/** Constraints as in `constraints`: `tfjs_gan/constraints.py`. @internal */
export const constraintsPy: string = String.raw`"""Constraints on weights. A step calls: before_step, for each update before_update, passes inside applied(), after_update,
and after_step."""
import contextlib

import numpy
import torch

from tfjs_gan.settings import look_up


class Constraint:
    def before_step(self):
        pass

    def before_update(self):
        pass

    def applied(self):
        return contextlib.nullcontext()

    def after_update(self):
        pass

    def after_step(self):
        pass

    def metrics(self):
        return {}


class WeightClipping(Constraint):
    def __init__(self, settings, network, _):
        self.limit, self.weights = settings['limit'], network.trained

    def before_update(self):
        with torch.no_grad():
            for weight in self.weights:
                weight.parameter.clamp_(-self.limit, self.limit)

    after_update = before_update


class SpectralNorm(Constraint):
    """Divides kernels by their largest singular value, u and v being its vectors. Between steps the network holds the
    divided kernels; raw are those that are trained."""

    def __init__(self, settings, network, state):
        settings.get('layers'), settings.get('weights')
        self.iterations, self.epsilon, self.state = settings['powerIterations'], settings['epsilon'], state
        names = [name[:-len('#raw')] for name in state if name.endswith('#raw')]
        self.kernels = [weight for weight in network.trained if weight.key in names]
        self.vectors = {weight.key: [torch.from_numpy(numpy.array(state[f'{weight.key}#{side}'])).to(weight.parameter.device)
                                     for side in 'uv'] for weight in self.kernels}

    def before_step(self):
        with torch.no_grad():
            for weight in self.kernels:
                weight.parameter.copy_(weight.here(self.state[f'{weight.key}#raw']))

    @contextlib.contextmanager
    def applied(self):
        with contextlib.ExitStack() as stack:
            for weight in self.kernels:
                stack.enter_context(weight.replaced(self.normalized(weight)))
            yield

    def after_update(self):
        for weight in self.kernels:
            self.iterate(weight, self.iterations)

    def after_step(self):
        with torch.no_grad():
            for weight in self.kernels:
                self.state[f'{weight.key}#raw'] = weight.ours(weight.parameter)
                self.vectors[weight.key][0] = self.filtered(weight)
                self.iterate(weight, 1)
                weight.parameter.copy_(self.normalized(weight))
                for side, vector in zip('uv', self.vectors[weight.key]):
                    self.state[f'{weight.key}#{side}'] = numpy.array(vector.cpu())

    def metrics(self):
        return {weight.key: self.sigma(weight).detach() for weight in self.kernels}

    def sigma(self, weight):
        u, v = self.vectors[weight.key]
        return ((weight.matrix() @ u) * v).sum()

    def normalized(self, weight):
        sigma = self.sigma(weight)
        return weight.parameter / (sigma + (sigma.detach() <= self.epsilon))

    @torch.no_grad()
    def iterate(self, weight, times):
        matrix, (u, v) = weight.matrix(), self.vectors[weight.key]
        for _ in range(times):
            v = self.unit(matrix @ u, v)
            u = self.unit(matrix.T @ v, u)
        self.vectors[weight.key] = [u, v]

    def filtered(self, weight):
        """u after a Chebyshev polynomial of the squared matrix, which finds a singular value that has become the largest."""
        matrix, u = weight.matrix(), self.vectors[weight.key][0]
        square = matrix.T @ matrix if matrix.shape[1] <= 128 else None
        for _ in range(4):
            scale = 4 / torch.clamp((matrix @ u).square().sum() * 0.98, min=self.epsilon)

            def twice(x):
                product = matrix.T @ (matrix @ x) * scale if square is None else (square * scale) @ x
                return product - (x + x)

            before, now = u, twice(u) / 2
            for _ in range(7):
                before, now = now, twice(now) - before
            u = self.unit(now, u)
        return u

    def unit(self, vector, former):
        length = vector.square().sum().sqrt()
        return torch.where(length > self.epsilon, vector / torch.clamp(length, min=self.epsilon), former)


CONSTRAINTS = {'weightClipping': WeightClipping, 'spectralNorm': SpectralNorm}


def constraints_of(settings, network, parts):
    """The constraints of a network, by name; their state is that of the checkpoint."""
    made = {}
    for name in settings.names('constraints'):
        own = settings.of(f'constraints.{name}')
        kind = look_up(CONSTRAINTS, 'constraint', name, 'CONSTRAINTS in tfjs_gan/constraints.py')
        if own['target'] in ('all', network.name):
            made[name] = kind(own, network, parts.setdefault(f'constraints/{name}/{network.name}', {}))
    return made
`;

/** A network during training: `tfjs_gan/live_network.py`. @internal */
export const liveNetworkPy: string = String.raw`"""A network during training: its weights by the names of the checkpoint, its optimizer, constraints and average."""
import contextlib
import re

import numpy
import torch

from tfjs_gan import ranks
from tfjs_gan.constraints import constraints_of
from tfjs_gan.layers import held, norms_of
from tfjs_gan.optimizers import Optimizer
from tfjs_gan.schedules import schedule


class Weight:
    """A weight with the axes of PyTorch, and its array in the checkpoint, with those of TensorFlow.js: axis i here is axis
    order[i] there."""

    def __init__(self, key, order, shape):
        self.key, self.order, self.shape, self.places = key, order, shape, []

    def add(self, module, attribute):
        self.parameter = getattr(module, attribute)
        self.places.append((module, attribute))

    def here(self, array):
        moved = torch.from_numpy(numpy.array(array)).permute(self.order)
        return moved.reshape(self.parameter.shape).to(self.parameter.device, copy=True)

    def there(self, tensor):
        """With the axes of TensorFlow.js."""
        inverse = [self.order.index(axis) for axis in range(len(self.order))]
        return tensor.reshape([self.shape[axis] for axis in self.order]).permute(inverse)

    def ours(self, tensor):
        return numpy.array(self.there(tensor.detach()).cpu())

    def matrix(self):
        """The kernel as [inputs, outputs]."""
        kernel = self.there(self.parameter)
        if re.search('conv[23]DTranspose/', self.key):
            kernel = kernel.transpose(-1, -2)
        columns = kernel.shape[-1] * (kernel.shape[-2] if self.key.endswith('depthwise_kernel') else 1)
        return kernel.reshape(-1, columns)

    @contextlib.contextmanager
    def replaced(self, tensor):
        """The layers compute with another tensor, through which gradients flow."""
        for module, attribute in self.places:
            del module._parameters[attribute]
            setattr(module, attribute, tensor)
        try:
            yield
        finally:
            for module, attribute in self.places:
                delattr(module, attribute)
                module.register_parameter(attribute, self.parameter)


class LiveNetwork:
    def __init__(self, name, module, shapes, snapshot, settings, device):
        self.name, self.module, self.arrays = name, module.to(device).train(), snapshot['networks'][name]
        self.shapes, self.inputs, self.outputs = shapes, list(shapes), module.OUTPUTS
        self.weights = {}
        for path, (key, order) in module.KEYS.items():
            owner, _, attribute = path.rpartition('.')
            weight = self.weights.setdefault(key, Weight(key, order, self.arrays[key].shape))
            weight.add(module.get_submodule(owner), attribute)
        for weight in self.weights.values():
            with torch.no_grad():
                weight.parameter.copy_(weight.here(self.arrays[weight.key]))
        self.trained = [weight for weight in self.weights.values() if weight.parameter.requires_grad]
        self.optimizer = Optimizer(settings.of(f'optimizers.{name}'), self.trained, snapshot['optimizers'][name])
        self.constraints = constraints_of(settings, self, snapshot['parts'])
        self.average = Average(self, settings, snapshot['parts'])

    def run(self, inputs, moves=False):
        """The outputs of a pass, by name; only the passes of its own update change the moving statistics."""
        with contextlib.nullcontext() if moves else held(self.module):
            returned = self.module(**inputs)
        return dict(zip(self.outputs, returned if len(self.outputs) > 1 else [returned]))

    def features(self, run):
        """What its last layer with weights receives in a pass."""
        last = max(self.weights.values(), key=lambda weight: int(weight.key.split('.')[0]))
        if not re.search(r'\.(dense|conv2D)/', last.key):
            raise SystemExit(f"Cannot train: the last layer before logits must be dense or a convolution, got '{last.key}'. "
                             'Return its input from features in tfjs_gan/live_network.py')
        received = []
        hook = last.places[0][0].register_forward_pre_hook(lambda _, inputs: received.append(inputs[0]))
        try:
            run()
        finally:
            hook.remove()
        return received[0]

    @contextlib.contextmanager
    def constrained(self):
        with contextlib.ExitStack() as stack:
            for constraint in self.constraints.values():
                stack.enter_context(constraint.applied())
            yield

    def update(self, gradients, progress):
        """One update by the mean gradient of some batches and all processes; returns the norm of the gradient."""
        sums = [[one for one in own if one is not None] for own in zip(*gradients)]
        there = ranks.mean_all([sum(own[1:], own[0]) / len(gradients) for own in sums if own])
        means = iter(there)
        self.optimizer.apply([next(means) if own else None for own in sums], progress)
        for constraint in self.constraints.values():
            constraint.after_update()
        return sum(gradient.square().sum() for gradient in there).sqrt()

    def metrics(self):
        return {f'{name}/{key}': value for name, constraint in self.constraints.items()
                for key, value in constraint.metrics().items()}

    def save(self):
        """Puts everything into the snapshot that it was read from."""
        for norm in norms_of(self.module):
            norm.share()
        for key, weight in self.weights.items():
            self.arrays[key] = weight.ours(weight.parameter)
        self.optimizer.save()
        self.average.save()


class Average:
    """The running average of the trained weights, if the run has one."""

    def __init__(self, network, settings, parts):
        self.state, own = parts.get(f'ema/{network.name}'), settings.of(f'ema.{network.name}')
        if self.state is None:
            return
        self.weights = [weight for weight in network.trained if weight.key in self.state]
        self.tensors = [weight.here(self.state[weight.key]) for weight in self.weights]
        self.is_decay, self.start = 'decay' in own, own['startStep']
        self.value = schedule(own, 'decay' if self.is_decay else 'halfLife')

    @torch.no_grad()
    def follow(self, progress, samples):
        if self.state is None:
            return
        value = self.value({**progress, 'update': progress['step']})
        decay = value if self.is_decay else 0.5 ** (samples / value) if value else 0
        if progress['step'] <= self.start:
            decay = 0
        for weight, tensor in zip(self.weights, self.tensors):
            tensor.add_((weight.parameter - tensor) * (1 - decay)) if decay else tensor.copy_(weight.parameter)

    def save(self):
        if self.state is not None:
            self.state.update({weight.key: weight.ours(tensor) for weight, tensor in zip(self.weights, self.tensors)})
`;

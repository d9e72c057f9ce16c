import { activationIn } from '../../activation-of.ts';
import { numberIn } from '../../layer-config.ts';
import { heldAxis } from '../../channels-first.ts';
import { python } from '../python.ts';
import type { TorchLayers } from '../torch-layer.ts';

type Activation = (x: string, axis: number) => string;

/** Activations by the names that TensorFlow.js has for them. */
const activations: Readonly<Record<string, Activation>> = {
  linear: (x) => x,
  relu: (x) => `torch.relu(${x})`,
  tanh: (x) => `torch.tanh(${x})`,
  sigmoid: (x) => `torch.sigmoid(${x})`,
  softplus: (x) => `F.softplus(${x})`,
  softsign: (x) => `F.softsign(${x})`,
  elu: (x) => `F.elu(${x})`,
  selu: (x) => `F.selu(${x})`,
  relu6: (x) => `F.relu6(${x})`,
  // PyTorch's own has another slope.
  hardSigmoid: (x) => `(0.2 * ${x} + 0.5).clamp(0, 1)`,
  swish: (x) => `F.silu(${x})`,
  mish: (x) => `F.mish(${x})`,
  gelu: (x) => `F.gelu(${x})`,
  softmax: (x, axis) => `torch.softmax(${x}, ${axis})`,
  logSoftmax: (x, axis) => `torch.log_softmax(${x}, ${axis})`,
};

/** @internal */
export const torchActivations: TorchLayers = {
  Activation: (layer, [x]) => activationIn(activations, layer)(x!, heldAxis(-1, layer.outputShape)),
  ReLU: (layer, [x]) => {
    const isBounded = typeof layer.config['maxValue'] === 'number';
    return isBounded ? `${x}.clamp(0, ${numberIn(layer, 'maxValue')})` : `torch.relu(${x})`;
  },
  LeakyReLU: (layer, [x]) => `F.leaky_relu(${x}, ${numberIn(layer, 'alpha')})`,
  ELU: (layer, [x]) => `F.elu(${x}, ${numberIn(layer, 'alpha')})`,
  ThresholdedReLU: (layer, [x]) => `F.threshold(${x}, ${numberIn(layer, 'theta')}, 0)`,
  // nn.PReLU has one slope for a channel at most.
  PReLU: ({ weights }, [x], module) => {
    const { shape } = weights['alpha']!;
    const order = shape.length === 3 ? [2, 0, 1] : undefined;
    const sizes = python(order?.map((axis) => shape[axis]!) ?? shape);
    const value = `nn.Parameter(torch.empty(${sizes}))`;
    const alpha = module.member('prelu', value, { '': { role: 'alpha', order } });
    return `torch.where(${x} > 0, ${x}, ${alpha} * ${x})`;
  },
  Softmax: (layer, [x]) => {
    const axis = heldAxis(numberIn(layer, 'axis', -1), layer.outputShape);
    return `torch.softmax(${x}, ${axis})`;
  },
};

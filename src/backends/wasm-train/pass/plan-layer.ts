import * as tf from '@tensorflow/tfjs';
import { stockName } from '../../../tfjs-internals/layer-classes.ts';
import { activationOf, arrangementOf } from '../../../tfjs-internals/linear-layers.ts';
import { leakyRelu, type PlannedActivation, plannedActivation } from './planned-activation.ts';
import { plannedBatchNorm } from './planned-batch-norm.ts';
import type { PlannedLayer } from './planned-layer.ts';
import {
  plannedConvolution,
  plannedDense,
  plannedTransposedConvolution,
} from './planned-product.ts';

/**
 * A layer of tfjs as kernels.
 *
 * @param shape - Of its input.
 * @returns `undefined` for a layer that has to run itself: one of another class, such as a
 * subclass, or with settings that are not planned.
 * @internal
 */
export function planLayer(
  layer: tf.layers.Layer,
  shape: readonly (number | null)[],
): PlannedLayer | undefined {
  const { length: rank } = shape;
  switch (stockName(layer)) {
    case 'Dense':
      return rank === 2 ? plannedDense(layer) : undefined;
    case 'Conv2D':
      return plannedConvolution(layer);
    case 'Conv2DTranspose':
      return plannedTransposedConvolution(layer);
    case 'BatchNormalization':
      return plannedBatchNorm(layer, rank);
    case 'Flatten':
    case 'Reshape':
      return arrangementOf(layer) && arrangement(layer);
    case 'Activation':
    case 'ReLU':
    case 'LeakyReLU': {
      const own = activationOf(layer);
      if (own?.alpha === undefined) {
        return elementwise(plannedActivation(own?.getClassName() ?? ''));
      }
      return own.alpha >= 0 ? elementwise(leakyRelu(own.alpha)) : undefined;
    }
    default:
      return undefined;
  }
}

function elementwise(activation: PlannedActivation | undefined): PlannedLayer | undefined {
  if (activation === undefined || activation.fused === 'linear') return undefined;
  return {
    weights: [],
    forward: (run, x) => {
      const y = activation.forward(run, x);
      return { y, saved: [y] };
    },
    backward: (run, dy, [y]) => ({ x: activation.backward(run, dy, y!), weights: [] }),
  };
}

/** The same values under another shape. */
function arrangement(layer: tf.layers.Layer): PlannedLayer {
  return {
    weights: [],
    forward: (run, x) => {
      const shape = layer.computeOutputShape(x.shape);
      return { y: run(tf.Reshape, { x }, { shape }), saved: [x] };
    },
    backward: (run, dy, [x]) => ({
      x: run(tf.Reshape, { x: dy }, { shape: x!.shape }),
      weights: [],
    }),
  };
}

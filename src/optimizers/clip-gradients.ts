import * as tf from '@tensorflow/tfjs';
import { addAll } from '../core/add-all.ts';
import { checkOptions, checkPositive } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import { checkOptimizer } from './check-optimizer.ts';
import type { OptimizerSpec } from './optimizer.ts';

/** Keeps a gradient of length zero from being divided by zero; PyTorch's. */
const tiny = 1e-6;

/**
 * An optimizer whose gradients are clipped before it sees them.
 *
 *     value:       g ← min(max(g, −v), v)
 *     norm:        g ← g · min(1, c / (‖g‖₂ + 10⁻⁶))      for each weight alone
 *     globalNorm:  g ← g · min(1, c / (‖all g‖₂ + 10⁻⁶))
 *
 * One wild batch then moves the network no further than a stated length. `globalNorm` keeps the direction of the
 * gradient and is the one to try first. It cures steps that leap now and then, not a game that diverges: for that see
 * penalties and constraints. `step.gradientNorms` shows the lengths before clipping, which tells where to clip.
 *
 * The numbers are those of PyTorch's `clip_grad_value_` and `clip_grad_norm_`.
 *
 * @param optimizer - The optimizer, which stays as it is.
 * @param options - One of `value`, `norm` and `globalNorm`.
 * @returns The optimizer with clipping; clip again to combine two kinds, the first one first.
 * @throws RangeError where not exactly one kind is given, its number is not positive, or the optimizer clips so already.
 *
 * @example Adam with the gradient no longer than one
 * ```ts
 * const optimizer = clipGradients(adam(), { globalNorm: 1 });
 * ```
 *
 * @see Pascanu et al., On the difficulty of training recurrent neural networks, 2013, algorithm 1.
 * {@link https://arxiv.org/abs/1211.5063}
 */
export function clipGradients(
  optimizer: OptimizerSpec,
  options:
    | {
        /** Each number of each gradient is brought into −value…value; positive. */
        readonly value: number;
      }
    | {
        /** Each weight's gradient is made no longer than this; positive. */
        readonly norm: number;
      }
    | {
        /** All gradients of the network together are made no longer than this, their direction kept; positive. */
        readonly globalNorm: number;
      },
): OptimizerSpec {
  const action = 'clip gradients';
  checkOptions(action, options, Object.keys(clippers));
  checkOptimizer(action, 'optimizer', optimizer);
  const given = Object.entries(options as Record<string, number | undefined>).filter(
    ([, limit]) => limit !== undefined,
  );
  const [kind, limit] = given[0] ?? [];
  if (given.length !== 1 || kind === undefined || limit === undefined || !isKind(kind)) {
    throw new RangeError(
      `Cannot ${action}: options must have exactly one of value, norm and globalNorm, ` +
        `got ${formatValue(given.map(([name]) => name))}`,
    );
  }
  checkPositive(action, kind, limit);
  const setting = `clip.${kind}`;
  if (optimizer.settings?.[setting] !== undefined) {
    throw new RangeError(
      `Cannot ${action}: ${kind} must be given once, got an optimizer that clips by it already`,
    );
  }
  const { name, learningRate, slots, settings = {} } = optimizer;
  const before =
    settings['clip.order'] ?? Object.keys(clippers).find((one) => `clip.${one}` in settings);
  return Object.freeze({
    name,
    learningRate,
    slots,
    update: (update) => optimizer.update(update),
    settings: Object.freeze({
      ...settings,
      [setting]: limit,
      // The same two kinds the other way round move the network elsewhere.
      ...(before === undefined ? {} : { 'clip.order': `${before}, ${kind}` }),
    }),
    prepare: (gradients) => clippers[kind](optimizer.prepare?.(gradients) ?? gradients, limit),
  } satisfies OptimizerSpec);
}

type Kind = 'value' | 'norm' | 'globalNorm';

const clippers: Readonly<
  Record<Kind, (gradients: readonly tf.Tensor[], limit: number) => readonly tf.Tensor[]>
> = {
  value: (gradients, limit) => gradients.map((gradient) => tf.clipByValue(gradient, -limit, limit)),
  norm: (gradients, limit) => gradients.flatMap((gradient) => shortened([gradient], limit)),
  globalNorm: shortened,
};

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(clippers, kind);
}

/** Gradients made shorter together, so that their direction stays. */
function shortened(gradients: readonly tf.Tensor[], limit: number): tf.Tensor[] {
  if (gradients.length === 0) return [];
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const length = tf.sqrt(addAll(squares));
  const share = tf.minimum(tf.div(limit, tf.add(length, tiny)), 1);
  return gradients.map((gradient) => tf.mul(gradient, share));
}

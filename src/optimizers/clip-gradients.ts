import * as tf from '@tensorflow/tfjs';
import { addAll } from '../core/add-all.ts';
import { checkOptions, checkPositive } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import { checkOptimizer } from './check-optimizer.ts';
import type { OptimizerSpec } from './optimizer.ts';

/** Prevents division by zero for a zero gradient; PyTorch's value. */
const tiny = 1e-6;

/**
 * Adds gradient clipping to an optimizer.
 *
 *     value:       g ← min(max(g, −v), v)
 *     norm:        g ← g · min(1, c / (‖g‖₂ + 10⁻⁶))      for each weight separately
 *     globalNorm:  g ← g · min(1, c / (‖all g‖₂ + 10⁻⁶))
 *
 * Clipping limits the effect of a single bad batch. `globalNorm` keeps the direction of the
 * gradient; try it first. Clipping helps against occasional large steps, not against divergence:
 * for that see penalties and constraints. `step.gradientNorms` has the norms before clipping, which
 * help to choose the limit.
 *
 * The numbers equal those of PyTorch's `clip_grad_value_` and `clip_grad_norm_`.
 *
 * @param optimizer - The optimizer, which is not modified.
 * @param options - One of `value`, `norm` and `globalNorm`.
 * @returns The optimizer with clipping; clip again to combine two kinds, applied in the order of
 * the calls.
 * @throws RangeError if not exactly one kind is set, its number is not positive, or the optimizer
 * already clips in this way.
 *
 * @example Adam with gradients of norm at most one
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
        /** Clips each value of each gradient to −value…value; positive. */
        readonly value: number;
      }
    | {
        /** Limits the norm of each weight's gradient; positive. */
        readonly norm: number;
      }
    | {
        /**
         * Limits the norm of all gradients of the network together, and keeps their direction;
         * positive.
         */
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
      `Cannot ${action}: ${kind} must be set once, got an optimizer that already clips by it`,
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
      // The same two kinds in the opposite order give another result.
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

/** Gradients scaled by a common factor, which keeps their direction. */
function shortened(gradients: readonly tf.Tensor[], limit: number): tf.Tensor[] {
  if (gradients.length === 0) return [];
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const length = tf.sqrt(addAll(squares));
  const share = tf.minimum(tf.div(limit, tf.add(length, tiny)), 1);
  return gradients.map((gradient) => tf.mul(gradient, share));
}

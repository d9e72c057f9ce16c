import { checkHooks, checkNames, checkPart } from '../core/check-part.ts';
import { formatValue } from '../core/format.ts';
import type { OptimizerSpec } from './optimizer.ts';
import { checkLearningRate } from './learning-rate.ts';

/**
 * Refuses a value that is not an optimizer, or one that could not be trained, named or saved.
 *
 * @param path - Its name in errors, such as `optimizers.generator`.
 *
 * @internal
 */
export function checkOptimizer(action: string, path: string, spec: OptimizerSpec): void {
  const candidate = spec as Candidate | null | undefined;
  if (typeof candidate?.update !== 'function') {
    const cure =
      typeof candidate?.minimize === 'function'
        ? 'A tf.Optimizer keeps its moments private and by position, so they could not be saved: pass adam(), ' +
          'rmsprop() or sgd() from this library'
        : 'Pass adam(), rmsprop() or sgd()';
    throw new TypeError(
      `Cannot ${action}: ${path} must be an OptimizerSpec, got ${formatValue(spec)}. ${cure}`,
    );
  }
  checkPart(action, path, spec);
  checkLearningRate(action, spec.learningRate, `${path}.learningRate`);
  checkNames(action, `${path}.slots`, spec.slots);
  checkHooks(action, path, spec, ['prepare']);
}

type Candidate = Partial<Readonly<Record<'update' | 'minimize', unknown>>>;

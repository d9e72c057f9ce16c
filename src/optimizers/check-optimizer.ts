import { checkHooks, checkNames, checkPart } from '../core/check-part.ts';
import { formatValue } from '../core/format.ts';
import type { OptimizerSpec } from './optimizer.ts';
import { checkLearningRate } from './schedules/learning-rate-schedule.ts';

/**
 * Refuses what is no optimizer, or one that could not be trained, named or saved.
 *
 * @param path - Where it stands, such as `optimizers.generator`.
 *
 * @internal
 */
export function checkOptimizer(asked: string, path: string, spec: OptimizerSpec): void {
  const candidate = spec as Candidate | null | undefined;
  if (typeof candidate?.update !== 'function') {
    const cure =
      typeof candidate?.minimize === 'function'
        ? 'A tf.Optimizer keeps its moments by position and out of reach, so they could not be saved: pass adam(), ' +
          'rmsprop() or sgd() from this library'
        : 'Pass adam(), rmsprop() or sgd()';
    throw new TypeError(
      `Cannot ${asked}: ${path} must be an OptimizerSpec, got ${formatValue(spec)}. ${cure}`,
    );
  }
  checkPart(asked, path, spec);
  checkLearningRate(asked, spec.learningRate, `${path}.learningRate`);
  checkNames(asked, `${path}.slots`, spec.slots);
  checkHooks(asked, path, spec, ['prepare']);
}

type Candidate = Partial<Readonly<Record<'update' | 'minimize', unknown>>>;

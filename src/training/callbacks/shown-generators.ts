import type { Generator } from '../../models/generator.ts';
import type { RunningTrainer } from '../running-trainer.ts';

/** A generator that is shown, judged and saved. @internal */
export interface ShownGenerator {
  readonly generator: Generator;
  /** What tells it from the others; none if it is the only one, so that a run of one has no names anywhere. */
  readonly name: string | undefined;
}

/** The generators of a game, in its order. @internal */
export function shownGenerators({ game }: Pick<RunningTrainer, 'game'>): readonly ShownGenerator[] {
  const entries = Object.entries(game.generators);
  return entries.map(([name, generator]) => ({
    generator,
    name: entries.length === 1 ? undefined : name,
  }));
}

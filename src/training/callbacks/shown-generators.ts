import type { Generator } from '../../models/generator.ts';
import type { RunningTrainer } from '../running-trainer.ts';

/** A generator that is displayed, evaluated and saved. @internal */
export interface ShownGenerator {
  readonly generator: Generator;
  /** Its name; none if it is the only one, so that runs with one generator have no prefixes. */
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

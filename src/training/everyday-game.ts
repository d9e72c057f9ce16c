import { checkPositiveInteger } from '../core/checks.ts';
import { adversarialGame } from '../games/adversarial-game.ts';
import type { Game } from '../games/game.ts';
import { BceLoss } from '../losses/adversarial/bce.ts';
import {
  checkAuxiliary,
  checkOptimizers,
  checkPenalties,
  checkTopK,
  checkUpdates,
} from './check-parts.ts';
import { checkTransforms } from '../transforms/check-transforms.ts';
import { slotPlaces } from './step/turn-penalties.ts';
import type { TrainerOptions } from './trainer-options.ts';

/** Creates the adversarial game that a trainer's options describe. @internal */
export interface EverydayGame {
  readonly game: Game;
  /** The places of its penalties' slots. */
  readonly penaltyPlaces: readonly string[];
}

/** The game of a generator and a discriminator, with the defaults. @internal */
export function everydayGame(options: TrainerOptions): EverydayGame {
  const { generator, discriminator, loss = new BceLoss(), accumulate = 1, ema } = options;
  checkPositiveInteger('create a Trainer', 'accumulate', accumulate);
  const penalties = checkPenalties(options.penalties);
  const game = adversarialGame({
    generator,
    discriminator,
    loss,
    ema,
    penalties,
    optimizers: checkOptimizers(options.optimizers),
    updatesPerStep: checkUpdates(options.updatesPerStep),
    accumulate,
    auxiliaryWeights: checkAuxiliary(options.auxiliaryWeights),
    topK: checkTopK(options.topK),
    transforms: checkTransforms('create a Trainer', options.transforms),
  });
  const penaltyPlaces = (['discriminator', 'generator'] as const).flatMap((turn) => {
    // The game applies them in the turn of their target, each object once and those of weight 0
    // never.
    const asked = penalties.filter(({ target, weight }) => target === turn && weight !== 0);
    const once = [...new Set(asked)];
    const places = slotPlaces(turn, 'discriminator', once);
    return places.filter((_, i) => (once[i]!.slots ?? []).length > 0);
  });
  return { game, penaltyPlaces };
}

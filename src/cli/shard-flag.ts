import { messageOf } from '../core/realms.ts';
import { type Shard, shardOf } from '../platforms/node/shard.ts';
import { UsageError } from './usage-error.ts';

/** The part of the work that `--shard` names; all of it without. */
export function parseShard(text: string | undefined): Shard {
  if (text === undefined) return { index: 0, count: 1 };
  try {
    return shardOf(text);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

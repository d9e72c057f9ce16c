import { messageOf } from '../../core/realms.ts';
import { mergeChunks } from '../../platforms/node/chunks/merge-chunks.ts';
import { sampleChunks } from '../../platforms/node/chunks/sample-chunks.ts';
import { stopOnInterrupt } from '../../platforms/node/stop-on-interrupt.ts';
import { openModel, samplesOf } from '../models/open-model.ts';
import type { Output } from '../output.ts';
import { parseShard } from '../shard-flag.ts';
import type { BackendSettings } from '../start-backend.ts';
import { quoted } from '../training/run-folder.ts';
import { UsageError } from '../usage-error.ts';
import { classInputOf, parseLabels } from './conditions-of.ts';

interface ChunkFlags extends BackendSettings {
  readonly count: number | undefined;
  readonly seed: number;
  readonly labels: string | undefined;
  readonly out: string | undefined;
  readonly shard: string | undefined;
  readonly chunkSize: number;
}

interface ChunkCall {
  readonly operands: readonly string[];
  readonly settings: ChunkFlags;
  readonly given: ReadonlySet<string>;
  readonly output: Output;
}

const action = 'sample';

/** Flags that every command has. */
const everywhere = ['json', 'quiet'];

/** `npx tfjs-gan sample MODEL --shard I/N`: writes a part of the chunks of many samples. */
export async function chunkFiles({
  operands: [operand = ''],
  settings: flags,
  given,
  output,
}: ChunkCall): Promise<undefined> {
  checkGiven(given, 'chunks', [
    ...['shard', 'chunkSize', 'count', 'seed', 'labels', 'out'],
    ...['backend', 'threads'],
  ]);
  const { count, out, seed, chunkSize } = flags;
  const shard = parseShard(flags.shard);
  if (count === undefined || out === undefined) {
    const name = count === undefined ? '--count' : '--out';
    throw new UsageError(`Cannot ${action}: ${name} must be given for chunks, got none`);
  }
  const model = await openModel(action, operand, flags, output);
  const generator = samplesOf(action, model);
  try {
    const conditions = conditionsIn(flags.labels, generator, model.run?.settings.classNames);
    const job = { folder: out, count, seed, chunkSize, conditions };
    const signal = stopOnInterrupt();
    const { written, found } = await sampleChunks(generator, job, { shard, signal }).catch(asUsage);
    const state = signal.aborted ? 'interrupted' : 'done';
    output.result(
      { event: 'done', state, folder: out, written, found },
      `${out}: ${written} chunks written, ${found} were there. To merge them: npx tfjs-gan sample ${quoted(out)} --merge`,
    );
  } finally {
    generator.dispose();
  }
}

/** `npx tfjs-gan sample FOLDER --merge`: checks chunks, and writes them as one file. */
export async function mergeFiles({
  operands: [folder = ''],
  settings: { out },
  given,
  output,
}: ChunkCall): Promise<undefined> {
  checkGiven(given, '--merge', ['merge', 'out']);
  if (out?.toLowerCase().endsWith('.npy') === false) {
    throw new UsageError(
      `Cannot ${action}: --out must be a .npy file with --merge, got '${out.slice(0, 80)}'`,
    );
  }
  const { chunks, samples, sha256 } = await mergeChunks(folder, { path: out });
  output.result(
    { event: 'done', chunks, samples, sha256, file: out },
    `${out ?? folder}: ${samples} samples of ${chunks} chunks, SHA-256 ${sha256}`,
  );
}

function checkGiven(given: ReadonlySet<string>, what: string, possible: readonly string[]): void {
  const other = [...given].find((name) => ![...possible, ...everywhere].includes(name));
  if (other === undefined) return;
  throw new UsageError(
    `Cannot ${action}: the flags with ${what} must be some of ${possible.join(', ')}, got ${other}`,
  );
}

/** The class of all samples. */
function conditionsIn(
  text: string | undefined,
  generator: ReturnType<typeof samplesOf>,
  classNames: readonly string[] | undefined,
): Readonly<Record<string, number>> {
  const input = classInputOf(generator);
  if (text === undefined) return {};
  const labels = parseLabels(action, text, generator, classNames);
  if (labels.length === 1 && input !== undefined) return { [input.name]: labels[0]! };
  throw new UsageError(
    `Cannot ${action}: --labels must be one class for all chunks, got '${text.slice(0, 80)}'`,
  );
}

/** Another job in the folder is a wrong --out. */
function asUsage(error: unknown): never {
  if (!(error instanceof RangeError)) throw error;
  throw new UsageError(messageOf(error), { cause: error });
}

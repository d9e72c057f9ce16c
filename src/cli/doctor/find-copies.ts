import { realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The folders of TensorFlow.js's core that this program and the project in the working directory
 * load; empty if the project has none.
 */
export async function findCopies(): Promise<readonly string[]> {
  const ours = resolveCore(import.meta.url);
  const theirs = resolveCore(join(process.cwd(), 'package.json'));
  if (ours === undefined || theirs === undefined) return [];
  return Promise.all([ours, theirs].map(async (file) => dirname(await realpath(file))));
}

/** The package of the core that TensorFlow.js loads, as seen from a file. */
function resolveCore(from: string): string | undefined {
  try {
    const umbrella = createRequire(from).resolve('@tensorflow/tfjs/package.json');
    return createRequire(umbrella).resolve('@tensorflow/tfjs-core/package.json');
  } catch {
    return undefined;
  }
}

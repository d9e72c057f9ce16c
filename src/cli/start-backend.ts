import type { BackendReport } from '../backends/backend-report.ts';
import type { BackendName } from '../backends/backend.ts';
import { useBackend } from '../backends/select-backend.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage-error.ts';

/** The backend flags of a command. */
export interface BackendSettings {
  readonly backend: 'auto' | BackendName;
  readonly threads: number | undefined;
}

/**
 * Takes the requested backend, by default the fastest that can train here, and prints which.
 *
 * @throws UsageError if threads are requested of a backend without them.
 */
export async function startBackend(
  { backend, threads }: BackendSettings,
  output: Output,
): Promise<BackendReport> {
  if (threads !== undefined && backend !== 'auto' && backend !== 'wasm-train') {
    throw new UsageError(`Cannot start: --threads must be used with wasm-train, got ${backend}`);
  }
  const choice =
    threads === undefined
      ? backend
      : (await import('../backends/wasm-train/wasm-train.ts')).wasmTrain({ threads });
  const report = await useBackend(choice);
  const { name, detail } = report;
  output.note(`backend ${detail === '' ? name : `${name}: ${detail}`}`);
  return report;
}

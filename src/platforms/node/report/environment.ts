import { arch, availableParallelism, cpus, platform, release } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import type { BackendReport } from '../../../backends/backend-report.ts';
import { libraryVersion } from '../../../core/version.ts';

/** The environment of a run, for its report. @internal */
export function environment(backend: BackendReport | undefined): Readonly<Record<string, string>> {
  const [cpu] = cpus();
  return {
    // `useBackend` may have been called again since.
    Backend: backend?.name === tf.getBackend() ? String(backend) : tf.getBackend(),
    'tfjs-gan': libraryVersion,
    'TensorFlow.js': tf.version.tfjs,
    'Node.js': process.version.replace(/^v/, ''),
    Machine: `${cpu?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`,
    System: `${platform()} ${arch()}, ${release()}`,
  };
}

import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf } from '../../core/realms.ts';
import { exportTorchTraining } from '../../export/torch-training/export-torch-training.ts';
import { directoryStore } from '../../platforms/node/checkpoints/directory-store.ts';
import { makeFolder } from '../../platforms/node/write-file.ts';
import { loadCheckpoint } from '../../training/state/checkpoints/load-checkpoint.ts';
import { readSamples } from '../data/read-data.ts';
import { createGan } from '../training/build-run.ts';
import { readSettings, settingsFile } from '../training/run-folder.ts';
import { UsageError } from '../usage-error.ts';

/**
 * The program that continues a run in PyTorch. A folder other than the run's becomes a run: it gets
 * the settings and the newest checkpoint that is intact.
 *
 * @throws UsageError if the run has no checkpoint yet, or trains a table; CheckpointError if none is
 * intact.
 */
export async function exportTraining(
  run: string,
  out: string | undefined,
): Promise<{
  readonly folder: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Why `train.py` cannot compare the data with those of the run, if it cannot. */
  readonly unread: string | undefined;
}> {
  const settings = await readSettings('export', run);
  if (settings.preset === 'ctgan') {
    throw new UsageError(
      'Cannot export: --to torch-training must be used with pictures or arrays, got the run of a table',
    );
  }
  const [from, folder] = [directoryStore(run), out ?? run];
  // As train.py continues: from the newest intact one.
  const newest = (await loadCheckpoint(from))?.name;
  if (newest === undefined) {
    throw new UsageError(`Cannot export: the run '${run}' must have a checkpoint, got none yet`);
  }
  // Only two samples are needed.
  const data = readSamples({ ...settings.data, onDemand: true });
  const [dataset, unread] = await data.then(
    (read) => [read, undefined] as const,
    (error: unknown) => [undefined, messageOf(error)] as const,
  );
  const gan = await createGan(settings);
  try {
    const files = await exportTorchTraining(gan.trainer, { dataset });
    if (resolve(folder) !== resolve(run)) {
      const to = directoryStore(folder);
      if (existsSync(join(folder, settingsFile)) || (await to.list()).length > 0) {
        throw new UsageError(
          `Cannot export: --out must not be another run, got '${folder}'. Choose another folder`,
        );
      }
      const checkpoint = await from.read(newest);
      if (checkpoint === undefined) {
        throw new UsageError(
          `Cannot export: the run '${run}' must keep its checkpoint meanwhile, got one that it replaced. Export again`,
        );
      }
      await makeFolder(folder);
      await to.write(newest, checkpoint);
      await copyFile(join(run, settingsFile), join(folder, settingsFile));
    }
    return { folder, files, unread };
  } finally {
    gan.dispose();
  }
}

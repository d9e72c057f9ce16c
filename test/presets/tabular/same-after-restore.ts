import type { TableGan, TableDataset, TableVae } from 'tfjs-gan/tabular';
import { expect } from 'vitest';

/** Trains on from a snapshot in another trainer, and expects the rows of one that was not interrupted. */
export async function expectSameAfterRestore(
  create: () => TableGan | TableVae,
  table: TableDataset,
): Promise<void> {
  const run = { steps: 2, batchSize: 50 };
  using whole = create();
  await whole.trainer.fit(table, run);
  const snapshot = await whole.trainer.snapshot();
  await whole.trainer.fit(table, run);
  using other = create();
  await other.trainer.restore(snapshot);
  await other.trainer.fit(table, run);
  expect(await other.sample(10, { seed: 1 })).toEqual(await whole.sample(10, { seed: 1 }));
}

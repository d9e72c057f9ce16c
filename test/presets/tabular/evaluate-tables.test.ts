import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  checkpoint,
  evaluateEvery,
  type EvaluationRecord,
  memoryStore,
  saveGenerator,
} from 'tfjs-gan';
import { createCtgan, TableGenerator, tableDataset, tableReport } from 'tfjs-gan/tabular';
import '../../support/on-cpu.ts';

const rows = Array.from({ length: 120 }, (_, i) => ({
  size: i % 10,
  kind: i % 10 > 6 ? 'large' : 'small',
}));
const table = tableDataset(rows.slice(0, 80));
const heldOut = rows.slice(80);

function tiny(): ReturnType<typeof createCtgan> {
  return createCtgan({ table, latentSize: 4, generatorUnits: [8], discriminatorUnits: [8] });
}

/** Trains until a step, judged by reports after every second step; the best generator is kept. */
async function train(
  gan: ReturnType<typeof tiny>,
  until: number,
  previous: readonly EvaluationRecord[] = [],
  store = memoryStore(),
): Promise<{ records: readonly EvaluationRecord[]; best: number; kept: tf.io.ModelArtifacts[] }> {
  const every = { steps: 2 };
  const judge = evaluateEvery(every, {
    figures: async () => tableReport(table, await gan.sample(60, { seed: 1 }), { heldOut }),
    previous,
  });
  const kept: tf.io.ModelArtifacts[] = [];
  const keeper = saveGenerator(
    () =>
      tf.io.withSaveHandler(async (artifacts) => {
        kept.push(artifacts);
        return Promise.resolve({
          modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts),
        });
      }),
    {
      every,
      best: judge.monitor('shapes.mean', 'max'),
      bestSoFar: judge.best('shapes.mean', 'max')?.figures['shapes.mean']?.mean,
    },
  );
  await gan.trainer.fit(table, {
    until: { steps: until },
    batchSize: 40,
    callbacks: [judge, keeper, checkpoint(store, { every })],
  });
  return { records: judge.records, best: judge.best('shapes.mean', 'max')!.step, kept };
}

describe('evaluateEvery with tableReport', () => {
  test('records reports, keeps the generator of the best one, and changes no training', async () => {
    using gan = tiny();
    const { records, best, kept } = await train(gan, 8);
    expect(records.map(({ step }) => step)).toEqual([2, 4, 6, 8]);
    expect(Object.keys(records[0]!.figures)).toEqual(
      expect.arrayContaining(['trends.mean', 'detection.score', 'privacy.heldOut.copies']),
    );
    using plain = tiny();
    await plain.trainer.fit(table, { until: { steps: best }, batchSize: 40 });
    using keptBest = await TableGenerator.load(tf.io.fromMemory(kept.at(-1)));
    const made = await keptBest.sample(60, { seed: 1 });
    expect(made).toEqual(await plain.sample(60, { seed: 1 }));
    expect(tableReport(table, made).shapes.mean).toBe(
      records.find(({ step }) => step === best)!.figures['shapes.mean']!.mean,
    );
  });

  test('continues with the same figures, and does not keep what is worse than before', async () => {
    using whole = tiny();
    const uncut = await train(whole, 8);
    const store = memoryStore();
    using first = tiny();
    const begun = await train(first, 4, [], store);
    using second = tiny();
    await second.trainer.restore(store);
    const continued = await train(second, 8, JSON.parse(JSON.stringify(begun.records)) as never);
    expect(continued.records).toEqual(uncut.records);
    expect(continued.best).toBe(uncut.best);
    expect(begun.kept.length + continued.kept.length).toBe(uncut.kept.length);
    expect(await second.sample(60, { seed: 2 })).toEqual(await whole.sample(60, { seed: 2 }));
  });
});

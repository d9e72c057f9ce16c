import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  CheckpointError,
  type Dataset,
  defineGame,
  type Game,
  HistoricalAveraging,
  R1Penalty,
  sgd,
  SpectralNorm,
  type Terms,
  Trainer,
  TrainingDivergedError,
  type TrainerSnapshot,
  type TrainingProgress,
  type Turn,
} from 'tfjs-gan';
import {
  encode,
  encoderTurn,
  generate,
  generatorTurn,
  linear,
  points,
  smallNetworks,
  type Trio,
  trio,
  type TrioPass,
  valuesOf,
} from './small-games.ts';
import '../support/on-cpu.ts';

const run = { batchSize: 4 };

/** The rows of each batch that a turn sees, by their first numbers. */
const rowsOf = (pass: TrioPass): number[] =>
  [...pass.batch.samples.dataSync()].filter((_, i) => i % 2 === 0);

describe('a turn', () => {
  test('moves the networks it names and no other, bit-for-bit', async () => {
    for (const turn of [encoderTurn, generatorTurn]) {
      const networks = smallNetworks();
      const others = { encoder: 'generator', generator: 'encoder' } as const;
      const other = others[turn.name as 'encoder' | 'generator'];
      const skipped = { ...(other === 'encoder' ? encoderTurn : generatorTurn), when: () => false };
      const before = { ...networks, ...mapValues(networks) };
      using trainer = new Trainer({ game: trio(networks, [turn, skipped]) });
      await trainer.fit(points(), { ...run, steps: 3 });
      expect(valuesOf(networks[turn.name as 'encoder'])).not.toEqual(before.values[turn.name]);
      expect(valuesOf(networks[other])).toEqual(before.values[other]);
      expect(valuesOf(networks.critic)).toEqual(before.values['critic']);
    }
  });

  test('may update two networks together, down one gradient', async () => {
    const networks = smallNetworks();
    const both: Turn<Trio, 'samples'> = {
      name: 'both',
      updates: ['generator', 'encoder'],
      terms: (pass) => {
        const { samples } = pass.run('generator', { latents: tf.ones([4, 1]) });
        return { code: tf.mean(pass.run('encoder', { samples }).code) };
      },
    };
    using trainer = new Trainer({ game: trio(networks, [both]) });
    const { steps } = await trainer.fit(points(), { ...run, steps: 1 });
    // code = e·g for g = (0.5, −0.25) and e = (0.3, 0.7): each is the other's gradient.
    expect(valuesOf(networks.generator)).toEqual([
      expect.closeTo(0.5 - 0.1 * 0.3, 6),
      expect.closeTo(-0.25 - 0.1 * 0.7, 6),
    ]);
    expect(valuesOf(networks.encoder)).toEqual([
      expect.closeTo(0.3 - 0.1 * 0.5, 6),
      expect.closeTo(0.7 + 0.1 * 0.25, 6),
    ]);
    expect(Object.keys(steps[0]!.losses)).toEqual(['both']);
    const { gradientNorms } = steps[0]!;
    expect(Object.keys(gradientNorms)).toEqual(['generator', 'encoder']);
    expect(gradientNorms.generator).toBeCloseTo(Math.hypot(0.3, 0.7), 6);
    expect(gradientNorms['encoder']).toBeCloseTo(Math.hypot(0.5, 0.25), 6);
    expect(steps[0]!.learningRates).toEqual({ generator: 0.1, encoder: 0.1 });
  });

  test('takes the batches that are requested: the next, or the last one taken', async () => {
    const seen: [string, number[]][] = [];
    const noted = (turn: Turn<Trio, 'samples'>, more: Partial<Turn<Trio, 'samples'>>) => ({
      ...turn,
      ...more,
      terms: (pass: TrioPass): Terms => {
        seen.push([turn.name, rowsOf(pass)]);
        return turn.terms(pass);
      },
    });
    const game = trio(smallNetworks(), [
      noted(encoderTurn, { times: 2 }),
      noted(generatorTurn, {}),
      noted({ ...encoderTurn, name: 'again' }, { batch: 'next', accumulate: 2 }),
      noted({ ...generatorTurn, name: 'skipped' }, { batch: 'next', when: () => false }),
      noted({ ...generatorTurn, name: 'last' }, {}),
    ]);
    using trainer = new Trainer({ game });
    const given: number[][] = [];
    const data: Dataset = {
      ...points(),
      batches: async function* (options) {
        for await (const batch of points().batches(options)) {
          given.push([...batch.samples.dataSync()].filter((_, i) => i % 2 === 0));
          yield batch;
        }
      },
    };
    const { steps } = await trainer.fit(data, { ...run, steps: 1 });
    expect(steps[0]!.samples).toBe(5 * 4);
    expect(seen).toEqual([
      ['encoder', given[0]],
      ['encoder', given[1]],
      ['generator', given[1]],
      ['again', given[2]],
      ['again', given[3]],
      // The batch of a turn that is skipped is taken all the same.
      ['last', given[4]],
    ]);
  });

  test('accumulates: the mean over two batches is what one batch of both gives', async () => {
    const reached = [true, false].map(async (isAccumulated) => {
      const networks = smallNetworks();
      const turn = { ...encoderTurn, accumulate: isAccumulated ? 2 : 1 };
      const idle = { ...generatorTurn, when: () => false };
      const trainer = new Trainer({ game: trio(networks, [turn, idle]), seed: 3 });
      const batchSize = isAccumulated ? 4 : 8;
      const { steps } = await trainer.fit(points(), { batchSize, steps: 2 });
      trainer.dispose();
      return [...valuesOf(networks.encoder), steps[1]!.losses['encoder']!];
    });
    const [accumulated, whole] = await Promise.all(reached);
    accumulated!.forEach((value, i) => {
      expect(value).toBeCloseTo(whole![i]!, 5);
    });
  });

  test('that is skipped draws nothing, and leaves its optimizer unchanged', async () => {
    const play = async (when?: Turn<Trio, 'samples'>['when']): Promise<Trainer> => {
      const networks = smallNetworks();
      const turn = when === undefined ? generatorTurn : { ...generatorTurn, when };
      const trainer = new Trainer({ game: trio(networks, [encoderTurn, turn]) });
      await trainer.fit(points(), { ...run, steps: 4 });
      return trainer;
    };
    const seen: TrainingProgress[] = [];
    using trainer = await play((progress) => {
      seen.push(progress);
      return progress.step > 2;
    });
    expect(seen).toEqual(
      [1, 2, 3, 4].map((step) => ({
        step,
        samples: 4 * (step - 1),
        plannedSteps: 4,
        share: (step - 1) / 4,
      })),
    );
    const { optimizers, updates, random } = await trainer.snapshot();
    expect([optimizers['encoder']!.step, optimizers.generator.step]).toEqual([4, 2]);
    expect(updates).toEqual({ encoder: 4, generator: 2 });
    const steps = trainer.history.steps.map(({ losses }) => Object.keys(losses));
    expect(steps).toEqual([
      ['encoder'],
      ['encoder'],
      ['encoder', 'generator'],
      ['encoder', 'generator'],
    ]);
    // Two updates of an unbroken game have drawn as many latents.
    using short = new Trainer({ game: trio(smallNetworks(), [encoderTurn, generatorTurn]) });
    await short.fit(points(), { ...run, steps: 2 });
    expect((await short.snapshot()).random['latents']).toEqual(random['latents']);
    const [epoch] = trainer.history.epochs;
    expect(epoch).toBeUndefined();
  });

  test('means of an epoch are over the steps that have the number', async () => {
    const turn = { ...generatorTurn, when: ({ step }: TrainingProgress) => step > 4 };
    using trainer = new Trainer({ game: trio(smallNetworks(), [encoderTurn, turn]) });
    const { steps, epochs } = await trainer.fit(points(), { ...run, epochs: 1 });
    const played = steps.filter(({ losses }) => 'generator' in losses);
    expect(played).toHaveLength(2);
    const mean = played.reduce((sum, { losses }) => sum + losses.generator, 0) / 2;
    expect(epochs[0]!.losses.generator).toBeCloseTo(mean, 12);
  });
});

describe('a pass', () => {
  test('runs a frozen network in inference mode, which moves nothing of it', async () => {
    const networks = smallNetworks();
    const layers = [
      tf.layers.dropout({ rate: 0.9, inputShape: [2] }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 1 }),
    ];
    const critic = { ...networks.critic, model: tf.sequential({ layers }) };
    const seen: number[][] = [];
    const turn: Turn<Trio, 'samples'> = {
      ...encoderTurn,
      terms: (pass) => {
        seen.push([...pass.run('critic', pass.batch).logits.dataSync()]);
        return encode(pass);
      },
    };
    const idle = { ...generatorTurn, when: () => false };
    const before = valuesOf(critic);
    using trainer = new Trainer({ game: trio({ ...networks, critic }, [turn, idle]) });
    const rows: number[][] = [];
    const data = points();
    await trainer.fit(data, { batchSize: 24, steps: 2 });
    for (const values of seen) rows.push(values.map((value) => Math.round(1e6 * value)).sort());
    expect(rows[0]).toEqual(rows[1]);
    expect(valuesOf(critic)).toEqual(before);
  });

  test('holds statistics on request, in detached passes, and of other networks', async () => {
    const normalized = (): ReturnType<typeof smallNetworks>['encoder'] => ({
      ...smallNetworks().encoder,
      model: tf.sequential({
        layers: [
          tf.layers.batchNormalization({ inputShape: [2], momentum: 0.5 }),
          tf.layers.dense({ units: 1 }),
        ],
      }),
    });
    const statistics = async (terms: (pass: TrioPass) => Terms): Promise<number[]> => {
      const networks = { ...smallNetworks(), encoder: normalized() };
      const turn = { ...encoderTurn, terms };
      const idle = { ...generatorTurn, when: () => false };
      const trainer = new Trainer({ game: trio(networks, [turn, idle]) });
      await trainer.fit(points(), { batchSize: 24, steps: 1 });
      trainer.dispose();
      const moving = networks.encoder.model.weights.filter(({ name }) => name.includes('moving'));
      return moving.flatMap((weight) => [...weight.read().dataSync()]);
    };
    const once = await statistics(encode);
    expect(once).not.toEqual([0, 0, 1, 1]);
    const more = (options: Parameters<TrioPass['run']>[2]) =>
      statistics((pass) => {
        pass.run('encoder', pass.batch, options);
        return encode(pass);
      });
    expect(await more({})).not.toEqual(once);
    expect(await more({ statistics: 'hold' })).toEqual(once);
    expect(await more({ detached: true })).toEqual(once);
    const inPenalty = await statistics((pass) => ({
      ...encode(pass),
      penalty: pass.penalty(new R1Penalty({ weight: 1e-9 }), 'encoder', {
        real: pass.batch,
        fake: pass.batch,
      }),
    }));
    expect(inPenalty).toEqual(once);
  });

  test('gives no gradient through what is detached, and the same numbers', async () => {
    const networks = smallNetworks();
    const outputs: number[][] = [];
    const turn: Turn<Trio, 'samples'> = {
      ...encoderTurn,
      terms: (pass) => {
        const free = pass.run('encoder', pass.batch).code;
        const fixed = pass.run('encoder', pass.batch, { detached: true }).code;
        outputs.push([...free.dataSync()], [...fixed.dataSync()]);
        return { apart: tf.mean(tf.mul(free, fixed)) };
      },
    };
    const idle = { ...generatorTurn, when: () => false };
    using trainer = new Trainer({ game: trio(networks, [turn, idle]) });
    const before = valuesOf(networks.encoder);
    const data = points();
    const { steps } = await trainer.fit(data, { batchSize: 24, steps: 1 });
    expect(outputs[0]).toEqual(outputs[1]);
    // d/de mean((e·x)·c) = mean(c·x) with c = e·x held; not twice that.
    const rows = Array.from({ length: 24 }, (_, i) => [i / 24, 1 - i / 24] as const);
    const gradient = [0, 1].map(
      (axis) =>
        rows.reduce((sum, row) => sum + (0.3 * row[0] + 0.7 * row[1]) * row[axis]!, 0) /
        rows.length,
    );
    valuesOf(networks.encoder).forEach((value, i) => {
      expect(value).toBeCloseTo(before[i]! - 0.1 * gradient[i]!, 6);
    });
    expect(steps[0]!.gradientNorms['encoder']).toBeCloseTo(Math.hypot(...gradient), 6);
  });

  test('reads layers by name beside the outputs', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 3, inputShape: [2], name: 'inner' }),
        tf.layers.dense({ units: 1 }),
      ],
    });
    const networks = { ...smallNetworks() };
    const encoder = { ...networks.encoder, model };
    const shapes: number[][] = [];
    const turn: Turn<Trio, 'samples'> = {
      ...encoderTurn,
      terms: (pass) => {
        const taps = { byName: 'inner', byPlace: '0.dense', last: '1.dense' };
        const { code, byName, byPlace, last } = pass.run('encoder', pass.batch, { taps });
        shapes.push(byName.shape, byPlace.shape, last.shape);
        expect(byName.dataSync()).toEqual(byPlace.dataSync());
        expect(last.dataSync()).toEqual(code.dataSync());
        return { inner: tf.mean(tf.square(byName)), code: tf.mean(tf.square(code)) };
      },
    };
    const idle = { ...generatorTurn, when: () => false };
    using trainer = new Trainer({ game: trio({ ...networks, encoder }, [turn, idle]) });
    await trainer.fit(points(), { ...run, steps: 1 });
    expect(shapes).toEqual([
      [4, 3],
      [4, 3],
      [4, 1],
    ]);
  });

  test('runs the average on request, as a constant', async () => {
    const networks = smallNetworks();
    const seen: number[] = [];
    const game = defineGame({
      name: 'averaged',
      networks: {
        generator: { network: networks.generator, optimizer: sgd({ learningRate: 0.1 }) },
        encoder: {
          network: networks.encoder,
          optimizer: sgd({ learningRate: 0.1 }),
          ema: { decay: 0.5 },
        },
      },
      batch: { samples: {} },
      turns: [
        {
          name: 'both',
          updates: ['encoder', 'generator'],
          terms: (pass) => {
            const { code } = pass.run('encoder', pass.batch, { weights: 'ema' });
            seen.push(code.dataSync()[0]!);
            const { samples } = pass.run('generator', pass.latents('generator'));
            return {
              code: tf.mean(pass.run('encoder', pass.batch).code),
              averaged: tf.mean(tf.mul(code, tf.mean(samples))),
            };
          },
        },
      ],
      generators: { samples: networks.generator },
    });
    using trainer = new Trainer({ game });
    const constant: Dataset = {
      ...points(),
      batches: async function* () {
        for (;;) yield await Promise.resolve({ samples: tf.tensor2d([[1, 0]]) });
      },
    };
    await trainer.fit(constant, { batchSize: 1, steps: 3 });
    // w falls by 0.1 a step from 0.3: 0.3, 0.2, 0.1; its average, a ← (a + w) / 2: 0.3, 0.25, 0.175.
    [0.3, 0.25, 0.175].forEach((value, i) => {
      expect(seen[i]).toBeCloseTo(value, 6);
    });
    expect(seen).toHaveLength(3);
    expect(Object.keys((await trainer.snapshot()).parts)).toContain('ema/encoder');
  });

  test('draws by name: another draw shifts no other', async () => {
    const drawn = async (extra: boolean): Promise<unknown> => {
      const seen: number[] = [];
      const turn: Turn<Trio, 'samples'> = {
        ...generatorTurn,
        terms: (pass) => {
          if (extra) pass.random('noise').uniform();
          seen.push(pass.random('mine').uniform(), ...pass.latents('generator').latents.dataSync());
          return generate(pass);
        },
      };
      const trainer = new Trainer({ game: trio(smallNetworks(), [encoderTurn, turn]) });
      await trainer.fit(points(), { ...run, steps: 2 });
      trainer.dispose();
      return seen;
    };
    expect(await drawn(true)).toEqual(await drawn(false));
  });

  test('draws latents and conditions by the kinds of the inputs', async () => {
    const inputs = [
      tf.input({ shape: [5] }),
      tf.input({ shape: [], dtype: 'int32' }),
      tf.input({ shape: [2, 3] }),
      tf.input({ shape: [2] }),
    ];
    const [latents, , codes, source] = inputs as [tf.SymbolicTensor, ...tf.SymbolicTensor[]];
    const flat = tf.layers.flatten().apply(codes!) as tf.SymbolicTensor;
    const joined = tf.layers.concatenate().apply([latents, flat, source!]) as tf.SymbolicTensor;
    const outputs = tf.layers.dense({ units: 2 }).apply(joined) as tf.SymbolicTensor;
    const conditional = {
      model: tf.model({ inputs, outputs }),
      inputs: {
        latents: { kind: 'latents', distribution: 'uniform' },
        labels: { kind: 'condition', classes: 3, source: 'uniform' },
        codes: { kind: 'condition', source: 'normal' },
        source: { kind: 'condition' },
      },
      outputs: ['samples'],
    } as const;
    const seen: Record<string, number[]>[] = [];
    const play = async (): Promise<void> => {
      const game = defineGame({
        name: 'conditional',
        networks: { painter: { network: conditional, optimizer: sgd({ learningRate: 0.1 }) } },
        batch: { samples: {}, source: {} },
        turns: [
          {
            name: 'painter',
            updates: 'painter',
            terms: (pass) => {
              const given = pass.conditions('painter');
              const drawn = { ...pass.latents('painter'), ...given };
              expect([drawn.latents.shape, given.codes.shape]).toEqual([
                [4, 5],
                [4, 2, 3],
              ]);
              expect([given.labels.shape, given.labels.dtype]).toEqual([[4], 'int32']);
              expect(given.source).toBe(pass.batch.source);
              expect(Object.keys(pass.conditions('painter', 2))).toEqual([
                'labels',
                'codes',
                'source',
              ]);
              seen.push({
                latents: [...drawn.latents.dataSync()],
                labels: [...given.labels.dataSync()],
              });
              return { mean: tf.mean(pass.run('painter', drawn).samples) };
            },
          },
        ],
        generators: { samples: smallNetworks().generator },
      });
      const data: Dataset = {
        ...points(),
        tensors: { source: [2] },
        batches: async function* (options) {
          for await (const { samples } of points(96).batches(options)) {
            yield { samples, source: samples.clone() };
          }
        },
      };
      using trainer = new Trainer({ game, seed: 9 });
      await trainer.fit(data, { ...run, steps: 20 });
    };
    await play();
    const first = seen.splice(0);
    const latentValues = first.flatMap(({ latents: values }) => values!);
    expect(Math.max(...latentValues.map(Math.abs))).toBeLessThanOrEqual(1);
    const labels = first.flatMap(({ labels: values }) => values!);
    expect(new Set(labels)).toEqual(new Set([0, 1, 2]));
    await play();
    expect(seen).toEqual(first);
  });

  test('shows metrics by name, means over the updates of a step', async () => {
    let count = 0;
    const turn: Turn<Trio, 'samples'> = {
      ...encoderTurn,
      times: 2,
      terms: (pass) => {
        count += 1;
        pass.metric('count', tf.scalar(count));
        pass.metric('pair', () => ({ one: tf.scalar(1), update: tf.scalar(pass.progress.update) }));
        return encode(pass);
      },
    };
    const before = tf.memory().numTensors;
    const trainer = new Trainer({ game: trio(smallNetworks(), [turn, generatorTurn]) });
    const made = tf.memory().numTensors;
    const { steps } = await trainer.fit(points(), { ...run, steps: 2 });
    expect(steps.map(({ metrics }) => metrics)).toEqual([
      { count: 1.5, 'pair/one': 1, 'pair/update': 1.5 },
      { count: 3.5, 'pair/one': 1, 'pair/update': 3.5 },
    ]);
    expect(tf.memory().numTensors).toBe(made);
    trainer.dispose();
    expect(before).toBeLessThan(made);
  });
});

describe('what is kept', () => {
  const keeping = (more: Partial<Turn<Trio, 'samples'>> = {}): Turn<Trio, 'samples'> => ({
    ...encoderTurn,
    ...more,
    terms: (pass) => {
      const { code } = pass.run('encoder', pass.batch);
      pass.keep('code', code);
      return { code: tf.mean(code) };
    },
  });
  const using = (seen: number[][]): Turn<Trio, 'samples'> => ({
    ...generatorTurn,
    terms: (pass) => {
      seen.push([...pass.kept('code').dataSync()]);
      return generate(pass);
    },
  });

  test('within a step is there in later turns of it, and freed at its end', async () => {
    const seen: number[][] = [];
    using trainer = new Trainer({ game: trio(smallNetworks(), [keeping(), using(seen)]) });
    await trainer.fit(points(), { ...run, steps: 1 });
    const tensors = tf.memory().numTensors;
    await trainer.fit(points(), { ...run, steps: 3 });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(seen.map(({ length }) => length)).toEqual([4, 4, 4, 4]);
    expect(seen[0]).not.toEqual(seen[1]);
  });

  test.each<[string, (seen: number[][]) => readonly Turn<Trio, 'samples'>[], string]>([
    [
      'read before it is there',
      (seen) => [using(seen), keeping()],
      "kept must be called with the name of a tensor that an earlier turn of this step kept, got 'code'. Kept so far: nothing",
    ],
    [
      'whose writer is skipped',
      (seen) => [keeping({ when: ({ step }) => step > 1 }), using(seen)],
      "got 'code'. Kept so far: nothing. A turn that 'when' skips keeps nothing",
    ],
    [
      'twice under one name',
      () => [keeping(), keeping({ name: 'again' }), generatorTurn],
      "keep must be called with a name that is free in this step, got 'code' again",
    ],
    [
      'in a turn that is repeated',
      () => [keeping({ times: 2 }), generatorTurn],
      "keep must be called in a turn that is played once in a step, got 'code' in one that is repeated",
    ],
  ])('is refused: %s, and the step leaves no trace', async (_, turns, message) => {
    const networks = smallNetworks();
    using trainer = new Trainer({ game: trio(networks, turns([])) });
    const [before, tensors] = [await trainer.snapshot(), tf.memory().numTensors];
    await expect(trainer.fit(points(), { ...run, steps: 1 })).rejects.toThrow(message);
    // The run stands at the beginning of a pass, all else is as before.
    expect(stateOf(await trainer.snapshot())).toEqual(stateOf(before));
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

describe('a slot', () => {
  /** A turn with a running mean in a slot, which fails on request. */
  const following = (state: { failing: boolean }): Turn<Trio, 'samples'> => ({
    ...generatorTurn,
    terms: (pass) => {
      const { samples } = pass.run('generator', pass.latents('generator'));
      const mean = pass.slot('mean', () => tf.zeros([2]));
      pass.metric('mean', tf.sum(mean.get()));
      mean.set(tf.add(tf.mul(mean.get(), 0.9), tf.mul(tf.mean(samples, 0), 0.1)));
      const logits = pass.run('critic', { samples: tf.sub(samples, mean.get()) }).logits;
      return { logits: tf.mul(tf.mean(tf.square(logits)), state.failing ? Number.NaN : 1) };
    },
  });
  const make = (state = { failing: false }): Trainer =>
    new Trainer({ game: trio(smallNetworks(), [encoderTurn, following(state)]) });

  test('lasts from step to step, and a run resumed from a snapshot continues bit-for-bit', async () => {
    using whole = make();
    await whole.fit(points(), { ...run, steps: 9 });
    const means = whole.history.steps.map(({ metrics }) => metrics['mean']);
    expect(means[0]).toBe(0);
    expect(new Set(means).size).toBe(9);
    for (const stop of [0, 1, 4, 6]) {
      using first = make();
      await first.fit(points(), { ...run, until: { steps: stop } });
      const snapshot = structuredClone(await first.snapshot());
      using second = make();
      // Another life before, whose slots and random sources must go.
      await second.fit(points(), { ...run, steps: 2 });
      await second.restore(snapshot);
      await second.fit(points(), { ...run, until: { steps: 9 } });
      expect({ ...(await second.snapshot()), history: 0 }).toEqual({
        ...(await whole.snapshot()),
        history: 0,
      });
    }
  });

  test('is put back with everything else if a step fails', async () => {
    const state = { failing: false };
    const [trainer, undisturbed] = [make(state), make()];
    await trainer.fit(points(), { ...run, steps: 2 });
    const [before, tensors] = [await trainer.snapshot(), tf.memory().numTensors];
    state.failing = true;
    const failed = trainer.fit(points(), { ...run, steps: 1 });
    await expect(failed).rejects.toBeInstanceOf(TrainingDivergedError);
    expect(await trainer.snapshot()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    state.failing = false;
    await trainer.fit(points(), { ...run, steps: 2 });
    await undisturbed.fit(points(), { ...run, steps: 4 });
    expect((await trainer.snapshot()).parts).toEqual((await undisturbed.snapshot()).parts);
    for (const one of [trainer, undisturbed]) one.dispose();
  });

  test('that a failing first step made is gone with it', async () => {
    using trainer = make({ failing: true });
    const [before, tensors] = [await trainer.snapshot(), tf.memory().numTensors];
    await expect(trainer.fit(points(), { ...run, steps: 1 })).rejects.toThrow('NaN');
    expect(stateOf(await trainer.snapshot())).toEqual(stateOf(before));
    expect(before.parts['memory']).toBeUndefined();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test.each<[() => tf.Tensor, string]>([
    [() => tf.zeros([3]), 'must keep its shape [2], got [3]'],
    [() => tf.zeros([2], 'int32'), 'must be a tensor of dtype float32, got int32'],
    [() => 1 as unknown as tf.Tensor, 'must be a tensor, got 1'],
  ])('refuses %o', async (value, message) => {
    const turn: Turn<Trio, 'samples'> = {
      ...generatorTurn,
      terms: (pass) => {
        pass.slot('mean', () => tf.zeros([2])).set(value());
        return generate(pass);
      },
    };
    using trainer = new Trainer({ game: trio(smallNetworks(), [encoderTurn, turn]) });
    await expect(trainer.fit(points(), { ...run, steps: 1 })).rejects.toThrow(
      `Cannot train: the slot 'mean' ${message}`,
    );
  });
});

describe('a penalty', () => {
  test('looks at two inputs together: the squared length of the whole gradient', async () => {
    const [a, b] = [tf.input({ shape: [2] }), tf.input({ shape: [1] })];
    const joined = tf.layers.concatenate().apply([a, b]) as tf.SymbolicTensor;
    const dense = tf.layers.dense({ units: 1, useBias: false });
    const model = tf.model({ inputs: [a, b], outputs: dense.apply(joined) as tf.SymbolicTensor });
    model.setWeights([tf.tensor2d([[3], [4], [12]])]);
    const networks = smallNetworks();
    const game = defineGame({
      name: 'pairs',
      networks: {
        pairs: {
          network: {
            model,
            inputs: { samples: { kind: 'tensor' }, code: { kind: 'tensor' } } as const,
            outputs: ['logits'] as const,
          },
          optimizer: sgd({ learningRate: 0 + 1e-9 }),
        },
      },
      batch: { samples: {} },
      turns: [
        {
          name: 'pairs',
          updates: 'pairs',
          terms: (pass) => {
            const on = { samples: pass.batch.samples, code: tf.ones([4, 1]) };
            return {
              logits: tf.mean(pass.run('pairs', on).logits),
              r1: pass.penalty(new R1Penalty({ weight: 1 }), 'pairs', { real: on, fake: on }),
            };
          },
        },
      ],
      generators: { samples: networks.generator },
    });
    using trainer = new Trainer({ game });
    const { steps } = await trainer.fit(points(), { ...run, steps: 1 });
    // ½·(3² + 4² + 12²)
    expect(steps[0]!.terms['pairs']!['r1']).toBeCloseTo(84.5, 3);
  });

  test('has its memory by turn, and a step that fails puts it back', async () => {
    const penalty = new HistoricalAveraging({ weight: 0.5 });
    const turn: Turn<Trio, 'samples'> = {
      ...encoderTurn,
      terms: (pass) => ({
        ...encode(pass),
        average: pass.penalty(penalty, 'encoder', { real: pass.batch, fake: pass.batch }),
      }),
    };
    using trainer = new Trainer({ game: trio(smallNetworks(), [turn, generatorTurn]) });
    await trainer.fit(points(), { ...run, steps: 2 });
    expect(Object.keys((await trainer.snapshot()).parts['memory']!)).toEqual([
      'penalties/encoder/encoder/historicalAveraging/0.dense/kernel#average',
    ]);
  });
});

describe('constraints', () => {
  test('rule the networks of a game by name', async () => {
    const networks = smallNetworks();
    const constraints = [new SpectralNorm({ target: 'encoder' })];
    const trainer = new Trainer({
      game: trio(networks, [encoderTurn, generatorTurn]),
      constraints,
    });
    const { steps } = await trainer.fit(points(), { ...run, steps: 2 });
    expect(Object.keys(steps[0]!.constraintMetrics['encoder']!)).toEqual([
      'spectralNorm/0.dense/kernel',
    ]);
    expect(steps[0]!.constraintMetrics.generator).toEqual({});
    expect(Math.hypot(...valuesOf(networks.encoder))).toBeCloseTo(1, 5);
    trainer.dispose();
    expect(
      () =>
        new Trainer({
          game: trio(smallNetworks(), [encoderTurn, generatorTurn]),
          constraints: [new SpectralNorm({ target: 'critic' })],
        }),
    ).toThrow(
      "target of constraints[0] ('spectralNorm') must be one of 'generator', 'encoder', 'all', got 'critic'",
    );
  });
});

describe('a snapshot of another game', () => {
  test('is refused with the list of differences', async () => {
    using first = new Trainer({ game: trio(smallNetworks(), [encoderTurn, generatorTurn]) });
    const snapshot = await first.snapshot();
    const networks = smallNetworks();
    const other: Game = {
      ...(trio(networks, [{ ...encoderTurn, times: 2 }, generatorTurn]) as Game),
      name: 'other',
      settings: { phase: 3 },
      networks: {
        generator: { network: networks.generator, optimizer: adam() },
        encoder: {
          network: { ...networks.encoder, model: linear([[1], [2]]) },
          optimizer: sgd({ learningRate: 0.1 }),
        },
        judge: { network: networks.critic },
      },
    };
    using second = new Trainer({ game: other });
    const error: unknown = await second.restore(snapshot).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CheckpointError);
    const { differences } = error as CheckpointError;
    for (const line of [
      'game: was trio, is other',
      'phase: was none, is 3',
      'turns.encoder.times: was none, is 2',
      'optimizers.generator.name: was sgd, is adam',
      'networks.critic: was there, is none',
      'networks.judge: was none, is there',
    ]) {
      expect(differences).toContain(line);
    }
  });
});

test('at most eight functions lie between fit and terms', async () => {
  let frames: string[] = [];
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 200;
  const turn: Turn<Trio, 'samples'> = {
    ...encoderTurn,
    terms: (pass) => {
      frames = (new Error('here').stack ?? '').split('\n');
      return encode(pass);
    },
  };
  const trainer = new Trainer({ game: trio(smallNetworks(), [turn, generatorTurn]) });
  try {
    await trainer.fit(points(), { ...run, steps: 1 });
  } finally {
    Error.stackTraceLimit = limit;
    trainer.dispose();
  }
  // Functions without a name are parts of the one around them.
  const ours = frames.filter((frame) => frame.includes('/src/') && !frame.includes('tfjs-'));
  const names = ours.flatMap(
    (frame) => /at (?:async )?(?:\w+\.)?(#?\w+) \(/.exec(frame)?.[1] ?? [],
  );
  expect(names[0]).toBe('termsOf');
  expect(names.at(-1)).toBe('fit');
  expect(new Set(names).size).toBeLessThanOrEqual(8);
});

/** Values of each network by name. */
function mapValues(networks: ReturnType<typeof smallNetworks>): {
  values: Readonly<Record<string, number[]>>;
} {
  const { generator, encoder, critic } = networks;
  const all = { generator, encoder, critic };
  return {
    values: Object.fromEntries(
      Object.entries(all).map(([name, network]) => [name, valuesOf(network)]),
    ),
  };
}

/** All of a snapshot that a failing step must leave as it was: a run itself notes its data, and its position in them. */
function stateOf(snapshot: TrainerSnapshot): object {
  return { ...snapshot, cursor: 0, description: 0 };
}

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { CheckpointError, DataFormatError } from '../../../src/core/errors.ts';
import { libraryVersion } from '../../../src/core/version.ts';
import type { CheckpointFiles } from '../../../src/training/state/checkpoint-store.ts';
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../src/training/state/checkpoints/checkpoint-files.ts';
import { putTogether, takeApart } from '../../../src/training/state/checkpoints/take-apart.ts';
import type { TrainingDescription } from '../../../src/training/state/describe-networks.ts';
import type { TrainerSnapshot } from '../../../src/training/state/trainer-snapshot.ts';
import { blobs, tinyDcgan, weightsOf } from '../../support/tiny-gan.ts';

let snapshot: TrainerSnapshot;
let files: CheckpointFiles;

beforeAll(async () => {
  await tf.setBackend('cpu');
  const gan = tinyDcgan();
  await gan.trainer.fit(blobs(), { steps: 3, batchSize: 4 });
  snapshot = await gan.trainer.snapshot();
  gan.dispose();
  files = await encodeCheckpoint({ snapshot, best: { name: '0001-step-1', score: 0.1 } });
});

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The files with another state.json, its checksum set right. */
function withState(state: string): CheckpointFiles {
  const bytes = new TextEncoder().encode(state);
  const sums = text(files['SHA256SUMS']).replace(hash(files['state.json']!), hash(bytes));
  return { ...files, 'state.json': bytes, SHA256SUMS: new TextEncoder().encode(sums) };
}

describe('encodeCheckpoint and decodeCheckpoint', () => {
  test('give back the snapshot, bit-for-bit', async () => {
    const { snapshot: again, best } = await decodeCheckpoint(files);
    expect(again).toEqual(snapshot);
    expect(best).toEqual({ name: '0001-step-1', score: 0.1 });
  });

  test('carry every array wherever it stands, and numbers that JSON does not know', async () => {
    const parts = {
      average: { 'a/b': { shape: [2], values: new Float32Array([NaN, -0]) } },
      'average/a': { b: { shape: [], values: new Float32Array([3]) } },
    };
    const history = { steps: [{ constraintMetrics: { a: NaN, b: -Infinity, c: -0 } }], epochs: [] };
    const rich = { ...snapshot, parts, history } as unknown as TrainerSnapshot;
    expect((await decodeCheckpoint(await encodeCheckpoint({ snapshot: rich }))).snapshot).toEqual(
      rich,
    );
  });

  test('carry a long history in the file of the arrays, not as text, bit-for-bit', async () => {
    const [step] = snapshot.history.steps;
    // Penalties that are due now and then: steps have two forms.
    const steps = Array.from({ length: 3_000 }, (_, i) => ({
      ...step!,
      number: i + 1,
      seconds: Math.sqrt(i),
      constraintMetrics: { discriminator: {}, generator: { 'a/b': -0, ['__proto__']: NaN } },
      terms: { discriminator: i % 16 === 0 ? { bce: i, r1: i / 3 } : { bce: i }, generator: {} },
    }));
    const logged = steps.map(({ number }) => ({ step: number, values: { $tensor: 1 / number } }));
    const long = { ...snapshot, history: { ...snapshot.history, steps, logged } };
    const written = await encodeCheckpoint({ snapshot: long });
    expect((await decodeCheckpoint(written)).snapshot).toEqual(long);
    expect(written['state.json']!.length).toBeLessThan(files['state.json']!.length + 4_000);
    const numbers = 3_000 * 20 + 200 + 3_000 * 2;
    expect(written['weights.safetensors']!.length).toBeLessThan(
      files['weights.safetensors']!.length + 8 * 1.5 * numbers,
    );
  });

  test('carry a long history that is not all numbers as text', async () => {
    const [step] = snapshot.history.steps;
    const steps = Array.from({ length: 200 }, (_, i) => ({ ...step!, note: `step ${i}` }));
    const long = { ...snapshot, history: { ...snapshot.history, steps } };
    const written = await encodeCheckpoint({ snapshot: long });
    expect((await decodeCheckpoint(written)).snapshot).toEqual(long);
    expect(text(written['state.json'])).toContain('"note":"step 199"');
  });

  test('read a long history that was written as text, a step a line', async () => {
    const state = text(files['state.json']);
    const [line = ''] = /^ {8}\{"number":3,.*\}$/m.exec(state) ?? [];
    const lines = Array.from({ length: 400 }, (_, i) =>
      line.replace('"number":3', `"number":${i + 4}`),
    );
    const older = withState(state.replace(line, [line, ...lines].join(',\n')));
    using gan = tinyDcgan();
    await gan.trainer.restore((await decodeCheckpoint(older)).snapshot);
    expect(gan.trainer.history.steps.map(({ number }) => number)).toEqual(
      Array.from({ length: 403 }, (_, i) => i + 1),
    );
  });

  test('write what people and sha256sum can read', () => {
    expect(Object.keys(files).sort()).toEqual([
      'SHA256SUMS',
      'networks.json',
      'state.json',
      'weights.safetensors',
    ]);
    const state = text(files['state.json']);
    expect(state).toMatch(/^\{\n {2}"format": 1,\n {2}"library": "0\.1\.0",\n/);
    expect(state).toContain('    "backend": "cpu",');
    expect(state).toContain('      "seed": 42,');
    // A step of the history is a line.
    expect(state).toMatch(/^ {8}\{"number":3,"epoch":1,.*\}$/m);
    for (const line of text(files['SHA256SUMS']).trimEnd().split('\n')) {
      const [sum, name = ''] = line.split('  ');
      expect(hash(files[name]!)).toBe(sum);
    }
  });

  test('hold what another program needs to build the networks, the same in each run of the program', async () => {
    const description = JSON.parse(text(files['networks.json'])) as TrainingDescription;
    expect(description).toMatchObject({
      game: 'adversarial',
      networks: {
        generator: {
          inputs: { latents: { kind: 'latents' } },
          outputs: ['samples'],
          trained: true,
        },
        discriminator: { inputs: { samples: { kind: 'tensor' } }, outputs: ['logits'] },
      },
      data: { name: 'blobs', batchSize: 4 },
    });
    const again = tinyDcgan();
    expect((await again.trainer.snapshot()).description.networks).toEqual(description.networks);
    for (const network of ['generator', 'discriminator'] as const) {
      const { topology } = description.networks[network];
      const json = { modelTopology: topology } as Parameters<typeof tf.models.modelFromJSON>[0];
      const model = await tf.models.modelFromJSON(json);
      const { model: own } = again[network];
      expect(model.layers.map((layer) => layer.getClassName())).toEqual(
        own.layers.map((layer) => layer.getClassName()),
      );
      expect(model.outputShape).toEqual(own.outputShape);
      model.dispose();
    }
    again.dispose();
  });

  test('note the version of package.json', () => {
    expect(libraryVersion).toBe(manifest.version);
  });
});

describe('decodeCheckpoint', () => {
  test('refuses a newer format politely', async () => {
    const newer = text(files['state.json'])
      .replace('"format": 1', '"format": 2')
      .replace('"library": "0.1.0"', '"library": "3.0.0"');
    const decoding = decodeCheckpoint(withState(newer));
    await expect(decoding).rejects.toBeInstanceOf(CheckpointError);
    await expect(decoding).rejects.toThrow(
      'Cannot read a checkpoint: its format must be 1, got 2. It was written by version 3.0.0 of this library: ' +
        'update yours, which is 0.1.0',
    );
  });

  test.each([
    ['no JSON', () => '{', 'state.json is not JSON'],
    ['a list', () => '[]', 'state.json must be an object, got []'],
    [
      'a tensor that is not there',
      (state: string) => state.replace('"networks/generator/', '"networks/nobody/'),
      "state.json: it names the tensor 'networks/nobody/",
    ],
    [
      'a tensor named twice',
      (state: string) =>
        state.replaceAll(/"\$tensor":"[^"]*"/g, '"$tensor":"networks/generator/x"'),
      'which does not exist',
    ],
    [
      'a tensor that nothing names',
      (state: string) => state.replace(/\{"\$tensor":"[^"]*"\}/, '0'),
      'state.json: it does not use the tensor',
    ],
    [
      'a number that is none',
      (state: string) => state.replace('"step": 3', '"step": {"$number":"seven"}'),
      "state.json: it has 'seven' in place of a number",
    ],
    [
      'endless nesting',
      (state: string) => state.replace('"step": 3', `"step": ${'['.repeat(1e5)}${']'.repeat(1e5)}`),
      'state.json: it is nested more than 32 levels deep',
    ],
  ])('refuses %s', async (_name, change, message) => {
    const decoding = decodeCheckpoint(withState(change(text(files['state.json']))));
    await expect(decoding).rejects.toBeInstanceOf(DataFormatError);
    await expect(decoding).rejects.toThrow(message);
  });

  test('and restore read or refuse any state with errors of their own, nothing else', async () => {
    const state = text(files['state.json']);
    const value = fc.oneof(
      fc.json({ maxDepth: 3 }),
      fc.constantFrom('-1', '1e400', '{"$tensor":1}'),
    );
    const damaged = fc.oneof(
      fc.json(),
      // Some value of the text becomes another.
      fc.tuple(fc.nat(), value).map(([at, other]) => {
        const places = [...state.matchAll(/(?<=: |:|\[|,)(?:-?\d[\d.e-]*|"[^"]*"|\{"\$[^}]*\})/g)];
        const place = places[at % places.length]!;
        return state.slice(0, place.index) + other + state.slice(place.index + place[0].length);
      }),
      fc.tuple(fc.nat(), fc.string({ maxLength: 3 })).map(([at, other]) => {
        const place = at % state.length;
        return state.slice(0, place) + other + state.slice(place + other.length);
      }),
    );
    using gan = tinyDcgan();
    await gan.trainer.restore(snapshot);
    const before = weightsOf(gan);
    await fc.assert(
      fc.asyncProperty(damaged, async (changed) => {
        const outcome: unknown = await decodeCheckpoint(withState(changed))
          .then(({ snapshot: decoded }) => gan.trainer.restore(decoded))
          .catch((error: unknown) => error);
        expect([undefined, DataFormatError, CheckpointError]).toContain(outcome?.constructor);
        // What was read is taken back; what was refused has changed nothing.
        if (outcome === undefined) await gan.trainer.restore(snapshot);
        expect(weightsOf(gan)).toEqual(before);
      }),
      { numRuns: 200 },
    );
    await gan.trainer.restore(snapshot);
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    expect(gan.trainer.step).toBe(4);
  });
});

describe('takeApart and putTogether', () => {
  test('give back any plain data', () => {
    const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(NaN, -0, Infinity));
    const keys = fc.string({ unit: 'binary' }).filter((key) => !key.startsWith('$'));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        numbers,
        fc.string(),
        fc.boolean(),
        tie('array'),
        tie('node'),
        tie('list'),
      ),
      array: fc.float32Array().map((values) => ({ shape: [values.length], values })),
      node: fc.dictionary(keys, tie('tree')),
      list: fc.array(tie('tree')),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const { arrays, rest } = takeApart({ value });
        const again = putTogether({ arrays, rest: JSON.parse(JSON.stringify(rest)) as unknown });
        expect(again).toEqual({ value });
      }),
    );
  });

  test('give back long lists of records of numbers', () => {
    const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(NaN, -0, Infinity));
    const keys = fc.oneof(fc.string(), fc.constantFrom('$tensor', '$table', '__proto__'));
    const { record } = fc.letrec((tie) => ({
      record: fc.dictionary(keys, fc.oneof({ maxDepth: 3 }, numbers, tie('record')), {
        maxKeys: 4,
      }),
    }));
    const lists = fc.array(fc.array(record, { minLength: 1, maxLength: 70 }), { maxLength: 3 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 100, max: 200 }), (choices, length) => {
        const value = choices.map((forms) =>
          Array.from({ length }, (_, i) => ({ x: i / 3, form: forms[(i * i) % forms.length] })),
        );
        const { arrays, rest } = takeApart({ value });
        const again = putTogether({ arrays, rest: JSON.parse(JSON.stringify(rest)) as unknown });
        expect(again).toEqual({ value });
      }),
    );
  });

  const table = takeApart({
    value: Array.from({ length: 150 }, (_, i) => (i % 2 === 0 ? { a: i, b: { c: 2 } } : { a: i })),
  });
  test.each<[string, (state: string) => string, string]>([
    ['a column left out', (s) => s.replace('{"a":0,"b":{"c":1}}', '{"a":0}'), 'columns do not fit'],
    ['a column twice', (s) => s.replace('"c":1', '"c":0'), 'columns do not fit'],
    ['a column that is no number', (s) => s.replace('"c":1', '"c":"1"'), 'columns do not fit'],
    ['no columns', (s) => s.replace('"columns"', '"rooms"'), 'columns do not fit'],
    ['forms without an order', (s) => s.replace('"order"', '"odor"'), 'which does not exist'],
    [
      'another order',
      (s) => s.replace('"value/order"', '"value/0"').replace('"value/0"', '"value/order"'),
      'a table whose',
    ],
    ['rows that are not there', (s) => s.replace('"value/1"', '"value/9"'), 'which does not exist'],
    ['no list of forms', (s) => s.replace(/\[.*\]/, '7'), 'which does not exist'],
  ])('refuse a table with %s', (_what, change, message) => {
    const state = JSON.stringify(table.rest);
    const changed = change(state);
    expect(changed).not.toBe(state);
    const putting = (): unknown =>
      putTogether({ arrays: table.arrays, rest: JSON.parse(changed) as unknown });
    expect(putting).toThrow(RangeError);
    expect(putting).toThrow(message);
  });

  test('refuse what is no plain data', () => {
    expect(() => takeApart({ a: { b: new Map() } })).toThrow(
      'Cannot write a checkpoint: a/b must be plain data, got an instance of Map',
    );
  });
});

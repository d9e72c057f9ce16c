import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { CheckpointError, DataFormatError } from '../../../src/core/errors.ts';
import { libraryVersion } from '../../../src/core/version.ts';
import type { CheckpointFiles } from '../../../src/training/checkpoint-store.ts';
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../src/training/checkpoints/checkpoint-files.ts';
import { putTogether, takeApart } from '../../../src/training/checkpoints/take-apart.ts';
import type { TrainerSnapshot } from '../../../src/training/trainer-snapshot.ts';
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
  test('give back the snapshot, to the bit', async () => {
    const { snapshot: again, best } = await decodeCheckpoint(files);
    expect(again).toEqual(snapshot);
    expect(best).toEqual({ name: '0001-step-1', score: 0.1 });
  });

  test('carry every array wherever it stands, and numbers that JSON does not know', async () => {
    const parts = {
      average: { 'a/b': { shape: [2], values: new Float32Array([NaN, -0]) } },
      'average/a': { b: { shape: [], values: new Float32Array([3]) } },
    };
    const history = { steps: [{ observed: { a: NaN, b: -Infinity, c: -0 } }], epochs: [] };
    const rich = { ...snapshot, parts, history } as unknown as TrainerSnapshot;
    expect((await decodeCheckpoint(await encodeCheckpoint({ snapshot: rich }))).snapshot).toEqual(
      rich,
    );
  });

  test('write what people and sha256sum can read', () => {
    expect(Object.keys(files).sort()).toEqual(['SHA256SUMS', 'state.json', 'weights.safetensors']);
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
    ['a list', () => '[]', 'state.json must hold an object, got []'],
    [
      'a tensor that is not there',
      (state: string) => state.replace('"players/generator/', '"players/nobody/'),
      "state.json: it names the tensor 'players/nobody/",
    ],
    [
      'a tensor named twice',
      (state: string) => state.replaceAll(/"\$tensor":"[^"]*"/g, '"$tensor":"players/generator/x"'),
      'which is not there',
    ],
    [
      'a tensor that nothing names',
      (state: string) => state.replace(/\{"\$tensor":"[^"]*"\}/, '0'),
      'state.json: it does not name the tensor',
    ],
    [
      'a number that is none',
      (state: string) => state.replace('"step": 3', '"step": {"$number":"seven"}'),
      "state.json: it holds the number 'seven', which is none",
    ],
    [
      'endless nesting',
      (state: string) => state.replace('"step": 3', `"step": ${'['.repeat(1e5)}${']'.repeat(1e5)}`),
      'state.json: it is nested more than 32 deep',
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
    const gan = tinyDcgan();
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
      { numRuns: 400 },
    );
    await gan.trainer.restore(snapshot);
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    expect(gan.trainer.step).toBe(4);
    gan.dispose();
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

  test('refuse what is no plain data', () => {
    expect(() => takeApart({ a: { b: new Map() } })).toThrow(
      'Cannot write a checkpoint: a/b must be plain data, got an instance of Map',
    );
  });
});

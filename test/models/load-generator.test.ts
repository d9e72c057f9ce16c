import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { DataFormatError, Generator } from 'tfjs-gan';
import 'tfjs-gan/node';
import { temporaryFolder } from '../support/temporary-folder.ts';
import '../support/on-cpu.ts';

/** The weights of a dense layer, one of each way to write them, with the values they stand for. */
const weights = [
  {
    spec: { name: 'up/kernel', shape: [2, 2], dtype: 'float32' },
    bytes: new Uint8Array(Float32Array.of(1.5, -2, 0.25, 8).buffer),
    values: [1.5, -2, 0.25, 8],
  },
  {
    spec: {
      name: 'up/bias',
      shape: [2],
      dtype: 'float32',
      quantization: { dtype: 'float16', original_dtype: 'float32' },
    },
    // 1 and −2 as IEEE 754 half precision.
    bytes: new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer),
    values: [1, -2],
  },
  {
    spec: {
      name: 'out/kernel',
      shape: [2, 3],
      dtype: 'float32',
      quantization: { dtype: 'uint8', scale: 0.5, min: -1, original_dtype: 'float32' },
    },
    bytes: Uint8Array.of(0, 1, 2, 3, 4, 255),
    values: [-1, -0.5, 0, 0.5, 1, 126.5],
  },
  {
    spec: {
      name: 'out/bias',
      shape: [3],
      dtype: 'float32',
      quantization: { dtype: 'uint16', scale: 0.25, min: 2, original_dtype: 'float32' },
    },
    bytes: new Uint8Array(Uint16Array.of(0, 4, 4000).buffer),
    values: [2, 3, 1002],
  },
];

const dense = (name: string, units: number): object => ({
  class_name: 'Dense',
  config: { name, units, batch_input_shape: [null, 2] },
});
const modelTopology = {
  class_name: 'Sequential',
  config: { name: 'made', layers: [dense('up', 2), dense('out', 3)] },
};

type Files = Readonly<Record<string, string | Uint8Array>>;

interface Group {
  readonly paths: string[];
  readonly weights: object[];
}

/** The files of the model, its weights in groups of consecutive ones and each group in parts. */
const partition: fc.Arbitrary<{ files: Files; groups: Group[]; parts: Uint8Array[] }> = fc
  .record({
    ends: fc.subarray([1, 2, 3]),
    cuts: fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }), {
      minLength: 4,
      maxLength: 4,
    }),
  })
  .map(({ ends, cuts }) => {
    const bounds = [0, ...ends, weights.length];
    const parts: Uint8Array[] = [];
    const files: Record<string, string | Uint8Array> = {};
    const groups = bounds.slice(1).map((end, g): Group => {
      const inGroup = weights.slice(bounds[g], end);
      const bytes = Uint8Array.from(inGroup.flatMap((weight) => [...weight.bytes]));
      const at = cuts[g]!.map((share) => Math.round(share * bytes.length)).sort((a, b) => a - b);
      const paths = [0, ...at].map((start, i) => {
        const part = bytes.slice(start, at[i] ?? bytes.length);
        const path = `group${g}-shard${i}.bin`;
        parts.push(part);
        files[path] = part;
        return path;
      });
      return { paths, weights: inGroup.map(({ spec }) => spec) };
    });
    files['model.json'] = JSON.stringify({ modelTopology, weightsManifest: groups });
    return { files, groups, parts };
  });

const whole: Files = {
  'model.json': JSON.stringify({
    modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weights.map(({ spec }) => spec) }],
  }),
  'weights.bin': Uint8Array.from(weights.flatMap(({ bytes }) => [...bytes])),
};

async function expectWhole(source: string | URL | tf.io.IOHandler): Promise<void> {
  const before = tf.memory().numTensors;
  const generator = await Generator.load(source);
  const values = generator.model.getWeights().map((weight) => [...weight.dataSync()]);
  expect(values).toEqual(weights.map((weight) => weight.values));
  generator.dispose();
  expect(tf.memory().numTensors).toBe(before);
}

async function failureOf(source: string | tf.io.IOHandler): Promise<Error> {
  const before = tf.memory().numTensors;
  const failure = await Generator.load(source).then(
    () => new Error('it loaded'),
    (error: unknown) => error as Error,
  );
  expect(tf.memory().numTensors).toBe(before);
  return failure;
}

type Answer = (response: ServerResponse) => void;

/** A server of files, of which a test may replace some. */
function server(): {
  at: string;
  files: Map<string, string | Uint8Array | Answer>;
  close: () => void;
} {
  const files = new Map<string, string | Uint8Array | Answer>();
  const http = createServer((request, response) => {
    const file = files.get(decodeURI((request.url ?? '').slice(1)));
    if (file === undefined) response.writeHead(404).end('<!doctype html><p>not here');
    else if (typeof file === 'function') file(response);
    else response.end(file);
  }).listen(0);
  const { port } = http.address() as AddressInfo;
  return { at: `http://127.0.0.1:${port}/`, files, close: () => http.close() };
}

const { at, files: served, close } = server();
afterAll(close);

function serve(files: Readonly<Record<string, string | Uint8Array | Answer>>): string {
  served.clear();
  for (const [name, file] of Object.entries(files)) served.set(name, file);
  return `${at}model.json`;
}

async function folderOf(files: Files): Promise<string> {
  const folder = join(await temporaryFolder(), 'model');
  await mkdir(folder);
  for (const [name, file] of Object.entries(files)) await writeFile(join(folder, name), file);
  return folder;
}

/** Node has the files of browsers, but not their reader. */
class Reader {
  onload?: (event: { target: { result: unknown } }) => void;
  readAsText(file: File): void {
    void file.text().then((result) => this.onload?.({ target: { result } }));
  }
  readAsArrayBuffer(file: File): void {
    void file.arrayBuffer().then((result) => this.onload?.({ target: { result } }));
  }
}

function browserFiles(files: Files): tf.io.IOHandler {
  vi.stubGlobal('FileReader', Reader);
  const names = Object.keys(files).sort(
    (a, b) => Number(b === 'model.json') - Number(a === 'model.json'),
  );
  return tf.io.browserFiles(names.map((name) => new File([files[name] as string], name)));
}

describe('weights in any groups and parts', () => {
  test('load from a folder', async () => {
    const folder = await temporaryFolder();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(partition, async ({ files }) => {
        run += 1;
        await mkdir(join(folder, `${run}`));
        for (const [name, file] of Object.entries(files))
          await writeFile(join(folder, `${run}`, name), file);
        await expectWhole(`file://${folder}/${run}`);
      }),
      { numRuns: 10 },
    );
  });

  test('load from a server', async () => {
    await fc.assert(
      fc.asyncProperty(partition, ({ files }) => expectWhole(serve(files))),
      { numRuns: 10 },
    );
  });

  test('load from files that a page was given', async () => {
    await fc.assert(
      fc.asyncProperty(partition, ({ files }) => expectWhole(browserFiles(files))),
      { numRuns: 10 },
    );
  });

  test.each([
    ['ArrayBuffers', (part: Uint8Array) => part.slice().buffer],
    // As a view into the pool of Node.
    [
      'views',
      (part: Uint8Array) => Buffer.concat([Buffer.of(7), part, Buffer.of(9)]).subarray(1, -1),
    ],
  ])('load from a handler that gives %s', async (_, given) => {
    await fc.assert(
      fc.asyncProperty(partition, async ({ groups, parts }) => {
        const weightSpecs = groups.flatMap(
          (group) => group.weights,
        ) as tf.io.WeightsManifestEntry[];
        const weightData = parts.map((part) => given(part) as ArrayBuffer);
        await expectWhole({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
      }),
    );
  });

  test('load from the handlers of TensorFlow.js for a server, streaming or not', async () => {
    await fc.assert(
      fc.asyncProperty(partition, fc.boolean(), async ({ files }, streamWeights) => {
        await expectWhole(tf.io.http(serve(files), { streamWeights }));
      }),
      { numRuns: 10 },
    );
  });
});

describe('Generator.load from a server', () => {
  test('takes a URL, and repeats a query for the weights', async () => {
    const { 'model.json': json, 'weights.bin': bytes } = whole;
    serve({ 'my model/model.json?key=a/b': json!, 'my model/weights.bin?key=a/b': bytes! });
    await expectWhole(new URL(`${at}my model/model.json?key=a/b`));
  });

  test.each<[what: string, files: Record<string, string | Uint8Array | Answer>, message: RegExp]>([
    [
      'no such address',
      {},
      /^Cannot load the model: '.*\/model\.json' must be readable, got status 404 Not Found\. Check the address: it must be that of model\.json/,
    ],
    [
      'a page in place of model.json',
      { 'model.json': '\n<!DOCTYPE html><html></html>' },
      /'.*\/model\.json' must be a file of a model, got an HTML page\. Servers return one for a missing file/,
    ],
    [
      'no JSON',
      { 'model.json': '{"modelTopology":' },
      /'.*\/model\.json' must be JSON, got text that does not parse\. The file may be truncated/,
    ],
    [
      'no weights',
      { 'model.json': whole['model.json']! },
      /'.*\/weights\.bin' must be readable, got status 404/,
    ],
    [
      'a page in place of the weights, as long as they are',
      { ...whole, 'weights.bin': '<!doctype html>'.padEnd(32) },
      /'.*\/weights\.bin' must be a file of a model, got an HTML page/,
    ],
    [
      'cut weights',
      { ...whole, 'weights.bin': whole['weights.bin']!.slice(0, 20) },
      /'.*\/weights\.bin' must have 32 bytes, as '.*\/model\.json' states, got 20\. The file may be truncated$/,
    ],
    [
      'longer weights',
      { ...whole, 'weights.bin': new Uint8Array(40) },
      /'.*\/weights\.bin' must have 32 bytes, .* got 40\. The two may not belong together$/,
    ],
    [
      'a broken connection',
      {
        ...whole,
        'weights.bin': (response: ServerResponse) => {
          response.writeHead(200, { 'content-length': 32 });
          response.write(Buffer.alloc(8), () => response.destroy());
        },
      },
      /'.*\/weights\.bin' must be readable, got a part of it \(.+\)\. The connection may have broken: try again$/,
    ],
  ])('says of %s which file it is, and leaves no tensor behind', async (_, files, message) => {
    expect((await failureOf(serve(files))).message).toMatch(message);
  });

  test('says that no server responds', async () => {
    const { at: gone, close: shut } = server();
    shut();
    expect((await failureOf(`${gone}model.json`)).message).toMatch(
      /'http:.*\/model\.json' must be readable, got no response \(.*ECONNREFUSED.*\)\. Check the network and the server$/,
    );
  });

  test('says of a handler of TensorFlow.js what it read', async () => {
    const { message } = await failureOf(
      tf.io.http(serve({ 'model.json': whole['model.json']!, 'weights.bin': Uint8Array.of(1) })),
    );
    expect(message).toMatch(
      /^Cannot load a generator: the weights of 'http:.*\/model\.json' must have 32 bytes, as its model\.json states, got 1\./,
    );
  });
});

describe('Generator.load from a folder', () => {
  test('says which part is missing or cut', async () => {
    const folder = await folderOf(whole);
    await writeFile(join(folder, 'weights.bin'), whole['weights.bin']!.slice(1));
    expect((await failureOf(`file://${folder}`)).message).toBe(
      `Cannot load the model: '${join(folder, 'weights.bin')}' must have 32 bytes, as '${join(folder, 'model.json')}' states, got 31. The file may be truncated`,
    );
    await rm(join(folder, 'weights.bin'));
    expect((await failureOf(`file://${folder}`)).message).toBe(
      `Cannot load the model: '${join(folder, 'weights.bin')}' does not exist`,
    );
  });
});

describe('Generator.load of files that a page was given', () => {
  test('names them', async () => {
    const cut = { ...whole, 'weights.bin': new Uint8Array(31) };
    expect((await failureOf(browserFiles(cut))).message).toBe(
      "Cannot load a generator: the weights of 'model.json', 'weights.bin' must have 32 bytes, as its model.json states, got 31. The file may be truncated",
    );
    // TensorFlow.js would keep the weights that the layers began with.
    expect((await failureOf(browserFiles({ 'model.json': whole['model.json']! }))).message).toBe(
      "Cannot load a generator: 'model.json' must come with weights, got none. Pass the files of weights as well",
    );
    expect((await failureOf(browserFiles({ ...whole, 'more.bin': '' }))).message).toContain(
      'Mismatch in the number of files',
    );
  });
});

describe('Generator.load of what is no layers model', () => {
  const sequential = (...layers: object[]): object => ({
    class_name: 'Sequential',
    config: { name: 'a', layers },
  });
  const unknown = { class_name: 'Sparkle', config: { name: 'sparkle' } };

  test.each<[what: string, json: object | null, message: RegExp]>([
    [
      'a graph model',
      { format: 'graph-model', modelTopology: { node: [] }, weightsManifest: [] },
      /must be a layers model, got a graph model\. Convert the Keras model with tensorflowjs_converter/,
    ],
    [
      'other JSON',
      { name: 'package' },
      /must be the model\.json of TensorFlow\.js, got JSON without modelTopology/,
    ],
    ['null', null, /must be the model\.json of TensorFlow\.js, got JSON without modelTopology/],
    [
      'weights alone',
      { weightsManifest: [] },
      /must have the layers of a model \(modelTopology\), got none/,
    ],
    [
      'layers that are none',
      { modelTopology: { a: 1 } },
      /must have the layers of a model \(modelTopology\), got an object/,
    ],
    [
      'a layer of an unknown class after others',
      { modelTopology: sequential(dense('up', 2), unknown) },
      /must have only registered classes, got the unknown layer 'Sparkle'\. Import or define it, and call tf\.serialization\.registerClass/,
    ],
    ...(
      [
        ['Upsampling', 'Translator', 'image-to-image'],
        ['FillHole', 'Inpainter', 'image-to-image'],
        ['LearnedDeviations', 'TableGenerator', 'tabular'],
      ] as const
    ).map(([layer, reader, family]): [string, object, RegExp] => [
      `the layer ${layer}, which ${reader} reads`,
      { modelTopology: sequential(dense('up', 2), { class_name: layer, config: {} }) },
      new RegExp(
        `'${layer}'\\. Read it by ${reader}\\.load\\(url\\): import \\{ ${reader} \\} from 'tfjs-gan/${family}'`,
      ),
    ]),
    [
      'a model of an unknown class',
      { modelTopology: { class_name: 'Sparkle', config: {} } },
      /must have only registered classes, got the unknown layer 'Sparkle'/,
    ],
    [
      'a model of Keras 3 that TensorFlow.js cannot build',
      {
        modelTopology: {
          keras_version: '3.5.0',
          model_config: sequential(
            { class_name: 'InputLayer', config: { name: 'in', batch_shape: [null, 2] } },
            dense('up', 2),
          ),
        },
      },
      /must describe layers that TensorFlow\.js can build, got ".*"\. Keras 3 wrote it, .* kerasFile of 'tfjs-gan\/import'/,
    ],
    [
      'layers that do not fit each other',
      {
        modelTopology: sequential({
          class_name: 'Dense',
          config: { name: 'a', units: -1, batch_input_shape: [null, 2] },
        }),
      },
      /must describe layers that TensorFlow\.js can build, got ".+"$/,
    ],
    [
      'layers that no memory would hold',
      {
        modelTopology: sequential(dense('up', 1e9), dense('out', 3)),
        weightsManifest: [{ paths: ['weights.bin'], weights: weights.map(({ spec }) => spec) }],
      },
      /must describe layers that TensorFlow\.js can build, got "weights of \d{10} numbers or more, of which its files have \d+"/,
    ],
    ['no weights', { modelTopology, weightsManifest: [] }, /must come with weights, got none/],
    [
      'weights of other names',
      {
        modelTopology,
        weightsManifest: [
          {
            paths: ['weights.bin'],
            weights: weights.map(({ spec }, i) => ({
              ...spec,
              name: i === 3 ? 'other' : spec.name,
            })),
          },
        ],
      },
      /the weights of '.*' must be those of its layers, got "Provided weight data has no target variable: other"/,
    ],
    [
      'too few weights',
      {
        modelTopology: sequential(dense('up', 2), dense('out', 3), {
          ...dense('more', 3),
          config: { name: 'more', units: 3 },
        }),
        weightsManifest: [{ paths: ['weights.bin'], weights: weights.map(({ spec }) => spec) }],
      },
      /the weights of '.*' must be those of its layers, got ".*"/,
    ],
    [
      'two weights of one name',
      {
        modelTopology,
        weightsManifest: [
          {
            paths: ['weights.bin'],
            weights: weights.map(({ spec }) => ({ ...spec, name: 'same' })),
          },
        ],
      },
      /must describe each weight by its name, shape and dtype, got two named 'same'/,
    ],
    [
      'weights without shape',
      {
        modelTopology,
        weightsManifest: [{ paths: [], weights: [{ name: 'a', dtype: 'float32' }] }],
      },
      /must describe each weight by its name, shape and dtype, got \{"name":"a","dtype":"float32"\}/,
    ],
    [
      'a model inside a model, with wrong weights',
      {
        modelTopology: sequential(sequential(dense('up', 2)), sequential(dense('out', 3))),
        weightsManifest: [
          {
            paths: ['weights.bin'],
            weights: weights.map(({ spec }, i) => ({ ...spec, name: `w${i}` })),
          },
        ],
      },
      /the weights of '.*' must be those of its layers/,
    ],
  ])('says so of %s, and leaves no tensor behind', async (_, json, message) => {
    const failure = await failureOf(serve({ ...whole, 'model.json': JSON.stringify(json) }));
    expect(failure.message).toMatch(message);
    expect(failure.message).toMatch(
      /^Cannot load (a generator|the model): .*'http:.*\/model\.json'/,
    );
    expect(failure).toBeInstanceOf(DataFormatError);
  });

  test('leaves no tensor of a model in a model that takes no latents behind', async () => {
    const flat = {
      class_name: 'Flatten',
      config: { name: 'flat', batch_input_shape: [null, 1, 2] },
    };
    const json = {
      modelTopology: sequential(flat, sequential(dense('up', 2)), sequential(dense('out', 3))),
      weightsManifest: [{ paths: ['weights.bin'], weights: weights.map(({ spec }) => spec) }],
    };
    const failure = await failureOf(serve({ ...whole, 'model.json': JSON.stringify(json) }));
    expect(failure.message).toContain('the model must accept latents of shape');
  });

  test('loads after a failure, with others at the same time', async () => {
    const topology = sequential(dense('up', 2), unknown);
    const fails = (): Promise<unknown> =>
      Generator.load({ load: async () => ({ modelTopology: topology }) }).catch(
        (error: unknown) => error,
      );
    const before = tf.memory().numTensors;
    const specs = weights.map(({ spec }) => spec) as tf.io.WeightsManifestEntry[];
    const good = {
      modelTopology,
      weightSpecs: specs,
      weightData: (whole['weights.bin'] as Uint8Array).buffer as ArrayBuffer,
    };
    const [first, , second] = await Promise.all([
      Generator.load({ load: async () => good }),
      fails(),
      Generator.load({ load: async () => good }),
    ]);
    for (const generator of [first, second]) {
      expect([...generator.model.getWeights()[0]!.dataSync()]).toEqual([1.5, -2, 0.25, 8]);
      generator.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('leaves out an optimizer that was saved with the model', async () => {
    const before = tf.memory().numTensors;
    const weightSpecs = [
      { name: 'iterations', shape: [1], dtype: 'float32', group: 'optimizer' },
      ...weights.map(({ spec }) => spec),
    ] as tf.io.WeightsManifestEntry[];
    const weightData = Uint8Array.of(0, 0, 0, 0, ...(whole['weights.bin'] as Uint8Array)).buffer;
    const trainingConfig = {
      optimizer_config: { class_name: 'Sgd', config: {} },
      loss: 'mean_squared_error',
    } as never;
    await expectWhole({
      load: async () => ({ modelTopology, weightSpecs, weightData, trainingConfig }),
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

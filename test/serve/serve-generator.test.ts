import * as tf from '@tensorflow/tfjs';
import { createInfoGan, decodeSafetensors, Generator, mlpGenerator, useBackend } from 'tfjs-gan';
import { decodePng } from 'tfjs-gan/node';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { serveGenerator, type ServeGeneratorOptions } from 'tfjs-gan/serve';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { tinyDcgan } from '../support/tiny-gan.ts';

beforeAll(async () => {
  await useBackend(wasmTrain({ threads: 1 }));
});

type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

/** A generator of 8×8 images from 4 latents, and ten classes if requested. */
function served(of: ServeGeneratorOptions & { readonly classes?: number } = {}): {
  readonly get: Fetch;
  readonly generator: Generator;
} {
  const { classes, ...options } = of;
  const gan = tinyDcgan({ seed: 3, ...(classes !== undefined && { classes }) });
  onTestFinished(() => gan.dispose());
  const generator = gan.generator;
  return { get: fetchOf(serveGenerator(generator, options)), generator };
}

function fetchOf(handle: (request: Request) => Promise<Response>): Fetch {
  return (path, init) => handle(new Request(`http://localhost${path}`, init));
}

function post(value: unknown, headers: Record<string, string> = {}): RequestInit {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return { method: 'POST', body, headers };
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function jsonOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

/** The numbers that the generator itself returns. */
async function numbersOf(samples: tf.Tensor): Promise<number[]> {
  const numbers = Array.from(await samples.data());
  samples.dispose();
  return numbers;
}

/** Kernels add in another order for another number of rows. */
function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const error = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(error).toBeLessThan(1e-6);
}

describe('GET /samples.png', () => {
  test('has the pixels of the generator', async () => {
    const { get, generator } = served();
    const response = await get('/samples.png?count=2&seed=5&columns=2&scale=3&padding=1');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('x-seed')).toBe('5');
    const picture = decodePng(await bytesOf(response));
    expect([picture.width, picture.height]).toEqual([2 * 24 + 3, 24 + 2]);
    const numbers = await numbersOf(generator.sample(2, { seed: 5 }));
    for (const [image, y, x] of [
      [0, 0, 0],
      [1, 3, 7],
      [0, 7, 2],
    ] as const) {
      const value = numbers[image * 64 + y * 8 + x]!;
      const at = (1 + 3 * y + 1) * picture.width + 1 + 25 * image + 3 * x + 1;
      expect(picture.data[at]).toBe(Math.round((255 * (value + 1)) / 2));
    }
  });

  test('draws a seed and tells it, and gives the same image for it', async () => {
    const { get } = served();
    const first = await get('/samples.png');
    const seed = first.headers.get('x-seed')!;
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(await bytesOf(await get(`/samples.png?seed=${seed}`))).toEqual(await bytesOf(first));
    expect((await get('/samples.png')).headers.get('x-seed')).not.toBe(seed);
  });

  test('may be kept if a seed is given and its age is allowed', async () => {
    const { get } = served({ maxAgeSeconds: 60 });
    const [given, drawn] = [await get('/samples.png?seed=1'), await get('/samples.png')];
    expect(given.headers.get('cache-control')).toBe('public, max-age=60');
    expect(drawn.headers.get('cache-control')).toBe('no-store');
  });

  test('takes labels as JSON', async () => {
    const { get, generator } = served({ classes: 3 });
    for (const labels of [2, [0, 1]]) {
      const png = await bytesOf(
        await get(`/samples.png?count=2&seed=1&labels=${JSON.stringify(labels)}`),
      );
      const numbers = await numbersOf(generator.sample(2, { seed: 1, labels }));
      const { data } = decodePng(png);
      expect(data[0]).toBe(Math.round((255 * (numbers[0]! + 1)) / 2));
      expect(data[8]).toBe(Math.round((255 * (numbers[64]! + 1)) / 2));
    }
  });

  test('has a response without a body for HEAD', async () => {
    const { get } = served();
    const response = await get('/samples.png?seed=1', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(await response.text()).toBe('');
  });
});

test('GET /interpolate.png has the images of both seeds at its ends', async () => {
  const { get, generator } = served();
  const response = await get('/interpolate.png?from=1&to=2&steps=4');
  expect(response.headers.get('x-seeds')).toBe('1,2');
  const { width, height, data } = decodePng(await bytesOf(response));
  expect([width, height]).toEqual([32, 8]);
  for (const [seed, column] of [
    [1, 0],
    [2, 24],
  ] as const) {
    const [first] = await numbersOf(generator.sample(1, { seed }));
    expect(Math.abs(data[column]! - (255 * (first! + 1)) / 2)).toBeLessThan(1);
  }
});

describe('POST /samples', () => {
  test('returns the numbers of the generator in four formats', async () => {
    const { get, generator } = served();
    const request = { count: 2, seed: 9 };
    const expected = await numbersOf(generator.sample(2, { seed: 9 }));
    const json = await get('/samples', post(request));
    const nested = (await json.json()) as number[][][][];
    expectClose(nested.flat(3), expected);
    expect([nested.length, nested[0]!.length, nested[0]![0]!.length]).toEqual([2, 8, 8]);

    const npy = await bytesOf(
      await get('/samples', post(request, { accept: 'application/x-npy' })),
    );
    expect([...npy.subarray(0, 8)]).toEqual([0x93, ...Buffer.from('NUMPY'), 1, 0]);
    const start = 10 + npy[8]! + 256 * npy[9]!;
    expect(start % 64).toBe(0);
    expect(Buffer.from(npy.subarray(10, start)).toString().trimEnd()).toBe(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 8, 8, 1), }",
    );
    expectClose([...new Float32Array(npy.slice(start).buffer)], expected);

    const accept = 'application/x-safetensors';
    const { tensors } = decodeSafetensors(
      await bytesOf(await get('/samples', post(request, { accept }))),
    );
    expect(tensors['samples']?.shape).toEqual([2, 8, 8, 1]);
    expectClose([...(tensors['samples']!.values as Float32Array)], expected);

    const png = await get('/samples', post(request, { accept: 'image/*;q=0.9, text/html;q=0.5' }));
    expect(decodePng(await bytesOf(png)).width).toBe(16);
  });

  test('takes latents', async () => {
    const { get, generator } = served();
    const latents = [
      [0.5, -1, 0, 2],
      [1, 1, 1, 1],
    ];
    const given = tf.tensor2d(latents);
    const expected = await numbersOf(generator.generate(given));
    given.dispose();
    const nested = (await (await get('/samples', post({ latents }))).json()) as number[];
    expectClose(nested.flat(3), expected);
  });

  test('takes codes of InfoGAN, and a generator of points', async () => {
    const gan = createInfoGan({
      imageShape: [8, 8, 1],
      codes: { categorical: [3], continuous: 1 },
      baseFilters: 2,
      latentSize: 4,
      seed: 1,
    });
    const get = fetchOf(serveGenerator(gan.generator));
    const codes = { categorical: [2], continuous: [0.5] };
    const expected = await numbersOf(gan.generator.sample(2, { seed: 1, codes }));
    const response = await get('/samples', post({ count: 2, seed: 1, codes }));
    expectClose(((await response.json()) as number[]).flat(3), expected);
    gan.dispose();

    using points = mlpGenerator({ sampleShape: [2], latentSize: 4, seed: 1 });
    const getPoints = fetchOf(serveGenerator(points));
    expect((await getPoints('/samples.png')).status).toBe(404);
    const rows = (await (await getPoints('/samples', post({ count: 3 }))).json()) as number[][];
    expect(rows.map(({ length }) => length)).toEqual([2, 2, 2]);
  });
});

describe('the Open Inference Protocol', () => {
  test('describes the model, and computes samples of its inputs', async () => {
    const { get, generator } = served({ classes: 3, name: 'digits' });
    const about = await jsonOf(await get('/v2/models/digits'));
    expect(about).toEqual({
      name: 'digits',
      versions: ['1'],
      platform: 'tfjs-gan',
      inputs: [
        { name: 'latents', datatype: 'FP32', shape: [-1, 4] },
        { name: 'labels', datatype: 'INT32', shape: [-1] },
      ],
      outputs: [{ name: 'samples', datatype: 'FP32', shape: [-1, 8, 8, 1] }],
    });
    const latents = tf.tensor2d([
      [1, 2, 3, 4],
      [0, 1, 0, 1],
    ]);
    const expected = await numbersOf(generator.generate({ latents, labels: [2, 0] }));
    latents.dispose();
    const labels = { name: 'labels', datatype: 'INT64', shape: [2], data: [2, 0] };
    for (const data of [
      [1, 2, 3, 4, 0, 1, 0, 1],
      [
        [1, 2, 3, 4],
        [0, 1, 0, 1],
      ],
    ]) {
      const inputs = [labels, { name: 'latents', datatype: 'FP32', shape: [2, 4], data }];
      const response = await get('/v2/models/digits/versions/1/infer', post({ id: 'a', inputs }));
      const seen = (await response.json()) as { readonly outputs: readonly { data: number[] }[] };
      expect(seen).toEqual({
        model_name: 'digits',
        model_version: '1',
        id: 'a',
        outputs: [
          {
            name: 'samples',
            datatype: 'FP32',
            shape: [2, 8, 8, 1],
            data: expect.any(Array) as number[],
          },
        ],
      });
      expectClose(seen.outputs[0]!.data, expected);
    }
  });

  test('has health and metadata', async () => {
    const { get } = served();
    expect(await jsonOf(await get('/v2'))).toMatchObject({ name: 'tfjs-gan', extensions: [] });
    expect(await jsonOf(await get('/v2/health/live'))).toEqual({ live: true });
    expect(await jsonOf(await get('/v2/health/ready'))).toEqual({ ready: true });
    expect(await jsonOf(await get('/v2/models/generator/ready'))).toEqual({
      name: 'generator',
      ready: true,
    });
  });
});

describe('TensorFlow Serving', () => {
  test('has its status, and predicts by rows and by columns', async () => {
    const { get, generator } = served({ classes: 3 });
    const status = await jsonOf(await get('/v1/models/generator'));
    expect(status).toEqual({
      model_version_status: [
        { version: '1', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } },
      ],
    });
    const rows = [
      [1, 2, 3, 4],
      [0, 1, 0, 1],
    ];
    const latents = tf.tensor2d(rows);
    const expected = await numbersOf(generator.generate({ latents, labels: [2, 0] }));
    latents.dispose();
    const instances = [
      { latents: rows[0], labels: 2 },
      { latents: rows[1], labels: 0 },
    ];
    const inputs = { latents: rows, labels: [2, 0] };
    const predict = '/v1/models/generator:predict';
    const byRow = await jsonOf(await get(predict, post({ instances })));
    expectClose((byRow['predictions'] as number[]).flat(3), expected);
    const byColumn = await jsonOf(
      await get('/v1/models/generator/versions/1:predict', post({ inputs })),
    );
    expectClose((byColumn['outputs'] as number[]).flat(3), expected);
  });

  test('needs no names for a generator of latents alone', async () => {
    const { get } = served();
    const rows = [[1, 2, 3, 4]];
    const [byRow, byColumn] = await Promise.all(
      [{ instances: rows }, { inputs: rows, signature_name: 'serving_default' }].map(async (body) =>
        jsonOf(await get('/v1/models/generator:predict', post(body))),
      ),
    );
    expect(byRow!['predictions']).toEqual(byColumn!['outputs']);
  });
});

test('the same seed gives the same bytes, alone and among others', async () => {
  const { get, generator } = served({ classes: 10, batchWindowMs: 5 });
  const request = (seed: number): [string, RequestInit] => ['/samples', post({ count: 3, seed })];
  const alone = await (await get(...request(5))).text();
  const texts = await Promise.all(
    Array.from({ length: 24 }, async (_, i) =>
      (await get(...request(i === 11 ? 5 : 100 + i))).text(),
    ),
  );
  expect(texts[11]).toBe(alone);
  expect(new Set(texts).size).toBe(24);
  const metrics = await (await get('/metrics')).text();
  // 3 samples, then 72, at most 4 · 8 at once: 10 requests of 3.
  expect(metrics).toContain('tfjs_gan_batch_samples_count 4');
  expect(metrics).toContain('tfjs_gan_batch_samples_sum 75');
  expect(JSON.parse(alone)).toHaveLength(3);
  expectClose(
    (JSON.parse(alone) as number[]).flat(3),
    await numbersOf(generator.sample(3, { seed: 5 })),
  );
});

describe('too much at once', () => {
  test('gets 400 if the numbers would be longer than allowed, by format', async () => {
    // Two samples of 64 numbers as JSON, twelve as npy.
    const { get } = served({ maxResponseBytes: 2 * 64 * 24 });
    const statusOf = async (path: string, body: unknown, accept = '*/*'): Promise<number> =>
      (await get(path, post(body, { accept }))).status;
    const latents = [1, 2, 3].map(() => [0, 0, 0, 0]);
    expect(await statusOf('/samples', { count: 2 })).toBe(200);
    expect(await statusOf('/samples', { count: 12 }, 'application/x-npy')).toBe(200);
    expect(await statusOf('/samples', { count: 13 }, 'application/x-npy')).toBe(400);
    expect(await statusOf('/v1/models/generator:predict', { instances: latents })).toBe(400);
    const input = { name: 'latents', shape: [3, 4], datatype: 'FP32', data: latents.flat() };
    expect(await statusOf('/v2/models/generator/infer', { inputs: [input] })).toBe(400);
    expect(await statusOf('/samples', { count: 3 }, 'image/png')).toBe(200);
    expect(await jsonOf(await get('/samples', post({ count: 3 })))).toEqual({
      error:
        'the response must have at most 3072 bytes, got about 4608. Request fewer samples, or application/x-npy of POST /samples',
    });
  });

  test('gets 503 with Retry-After, and what was accepted is computed', async () => {
    const { get } = served({ maxQueued: 8, maxCount: 8 });
    const responses = await Promise.all(
      Array.from({ length: 6 }, (_, i) => get(`/samples.png?count=4&seed=${i}`)),
    );
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 503, 503, 503, 503]);
    expect(responses[5]!.headers.get('retry-after')).toBe('1');
    expect(await jsonOf(responses[5]!)).toEqual({
      error: 'too many samples are waiting, try again later',
    });
    expect((await get('/samples.png?count=8&seed=1')).status).toBe(200);
  });

  test('turns readiness off until there is room again', async () => {
    const { get } = served({ maxQueued: 4, maxCount: 4, batchWindowMs: 20 });
    const waiting = get('/samples.png?count=4');
    const [ready, live] = await Promise.all([get('/readyz'), get('/healthz')]);
    expect([ready.status, live.status]).toEqual([503, 200]);
    await waiting;
    expect((await get('/readyz')).status).toBe(200);
  });

  test('forgets a request whose client has gone before it was computed', async () => {
    const { get } = served({ maxQueued: 4, maxCount: 4, batchWindowMs: 20 });
    const gone = new AbortController();
    const first = get('/samples.png?count=4', { signal: gone.signal });
    gone.abort();
    expect((await first).status).toBe(499);
    expect((await get('/samples.png?count=4')).status).toBe(200);
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain('tfjs_gan_batch_samples_count 1');
    expect(metrics).toContain('tfjs_gan_requests_total{route="/samples.png",code="499"} 1');
  });
});

test('keeps no tensors and no requests', async () => {
  const { get } = served({ classes: 3 });
  const requestAll = async (): Promise<void> => {
    const paths = ['/samples.png?count=3', '/interpolate.png', '/samples.png?labels=7'];
    for (const path of [...paths, '/samples.png?labels={}']) await get(path);
    await get('/samples', post({ latents: [[1, 2, 3, 3e38]] }));
    await get('/samples', post({ latents: [[1, 2, 3, 4]], labels: 9 }));
  };
  // The generator keeps prepared weights from the first pass of each kind on.
  await requestAll();
  const before = tf.memory().numTensors;
  await requestAll();
  expect(tf.memory().numTensors).toBe(before);
  expect(await (await get('/metrics')).text()).toContain('tfjs_gan_queued_samples 0');
});

test('samples that are not finite are the fault of what was given, or of the model', async () => {
  const seen: unknown[] = [];
  const layer = tf.layers.dense({ units: 2, inputShape: [4], kernelInitializer: 'ones' });
  const model = tf.sequential({ layers: [layer] });
  const generator = new Generator({ model, ownsModel: true });
  onTestFinished(() => generator.dispose());
  const get = fetchOf(serveGenerator(generator, { onError: (error) => void seen.push(error) }));
  const response = await get('/samples', post({ latents: [[3e38, 3e38, 0, 0]] }));
  expect(response.status).toBe(422);
  expect(await jsonOf(response)).toEqual({
    error: 'the samples are not finite numbers: the given values must be smaller',
  });
  layer.setWeights([tf.fill([4, 2], NaN), tf.zeros([2])]);
  expect((await get('/samples', post({ seed: 1 }))).status).toBe(500);
  expect(String(seen)).toBe('HttpError: the samples of this model are not finite numbers');
});

test('a failing model gives 500 without its words, and tells the program', async () => {
  const seen: unknown[] = [];
  const generator = mlpGenerator({ sampleShape: [2], latentSize: 4, seed: 1 });
  const get = fetchOf(serveGenerator(generator, { onError: (error) => void seen.push(error) }));
  expect((await get('/samples', post({}))).status).toBe(200);
  generator.dispose();
  const response = await get('/samples', post({}));
  expect(response.status).toBe(500);
  expect(await jsonOf(response)).toEqual({ error: 'the server failed; its log says why' });
  expect(String(seen)).toContain('this Generator was disposed');
});

describe('serveGenerator', () => {
  test('lies below a path', async () => {
    const { get } = served({ basePath: '/api/gan' });
    const statuses = await Promise.all(
      ['/api/gan/healthz', '/api/gan', '/api/gan/', '/healthz', '/api/gander/healthz'].map(
        async (path) => (await get(path)).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 200, 404, 404]);
    expect(await jsonOf(await get('/api/gan/openapi.json'))).toMatchObject({
      servers: [{ url: '/api/gan' }],
    });
  });

  test.each([
    [{ name: 'a/b' }, "name must consist of letters, digits, '_', '-' and '.', got 'a/b'"],
    [
      { basePath: '/api/' },
      "basePath must consist of '' or a path such as '/api/gan', without a slash at its end, got '/api/'",
    ],
    [{ maxCount: 0 }, 'maxCount must be a positive integer, got 0'],
    [
      { maxQueued: 10 },
      'maxQueued must be at least maxCount, 256, got 10. Otherwise a request that is allowed would never be computed',
    ],
    [{ maxResponseBytes: 0 }, 'maxResponseBytes must be a positive integer, got 0'],
    [{ batchWindowMs: -1 }, 'batchWindowMs must be a number of at least 0, got -1'],
    [
      { port: 80 },
      "options must have only the names name, basePath, batchSize, batchWindowMs, maxBodyBytes, maxResponseBytes, maxAgeSeconds, onError, maxCount, maxQueued, got 'port'",
    ],
  ])('refuses %o', (options, message) => {
    expect(() => served(options as ServeGeneratorOptions)).toThrow(
      `Cannot serve the generator: ${message}`,
    );
  });

  test('refuses what is no generator of samples', () => {
    expect(() => serveGenerator({} as never)).toThrow(
      'Cannot serve the generator: generator must be a Generator, a Translator or a TableGenerator, got an object',
    );
    using table = mlpGenerator({ sampleShape: [2], hiddenUnits: [2] });
    table.model.setUserDefinedMetadata({ table: {} });
    expect(() => serveGenerator(table)).toThrow(
      'got one that generates rows of a table. Pass the TableGenerator',
    );
  });
});

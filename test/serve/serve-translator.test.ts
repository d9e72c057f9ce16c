import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { decodeSafetensors, useBackend } from 'tfjs-gan';
import { decodePng, encodePng } from 'tfjs-gan/node';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { Translator } from 'tfjs-gan/image-to-image';
import { serveGenerator, type ServeGeneratorOptions } from 'tfjs-gan/serve';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

beforeAll(async () => {
  await useBackend(wasmTrain({ threads: 1 }));
});

type Handle = (request: Request) => Promise<Response>;

/**
 * A translator of color to gray: of red, green and blue in −1…1 the negative of the mean, as a
 * closed form to compare with.
 */
function served(options: ServeGeneratorOptions = {}): Handle {
  const weights = [-1 / 3, -1 / 3, -1 / 3];
  const layer = tf.layers.conv2d({
    filters: 1,
    kernelSize: 1,
    useBias: false,
    inputShape: [8, 8, 3],
    weights: [tf.tensor4d(weights, [1, 1, 3, 1])],
  });
  const translator = new Translator({
    model: tf.sequential({ layers: [layer] }),
    ownsModel: true,
  });
  onTestFinished(() => translator.dispose());
  return serveGenerator(translator, { maxCount: 16, batchWindowMs: 0, ...options });
}

function translate(
  handle: Handle,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const init = { method: 'POST', body: body as BodyInit, headers };
  return handle(new Request('http://localhost/translate', init));
}

async function errorOf(response: Response): Promise<unknown> {
  return ((await response.json()) as { readonly error: unknown }).error;
}

/** A PNG of one color. */
function plain(width: number, height: number, color: readonly number[]): Uint8Array {
  const data = Uint8Array.from({ length: width * height * color.length }, (_, i) => {
    return color[i % color.length]!;
  });
  return encodePng({ width, height, channels: color.length as 1 | 3 | 4, data });
}

describe('POST /translate', () => {
  test.each([
    ['of the size of the network', 8, 8, [30, 60, 90], 255 - 60],
    ['larger, in tiles', 21, 13, [30, 60, 90], 255 - 60],
    ['smaller', 5, 3, [30, 60, 90], 255 - 60],
    ['in gray', 8, 8, [10], 245],
    ['half transparent, on white', 8, 8, [0, 0, 0, 128], 255 - 127],
  ])('translates a PNG %s', async (_, width, height, color, expected) => {
    const response = await translate(served(), plain(width, height, color));
    expect(response.headers.get('content-type')).toBe('image/png');
    const picture = decodePng(new Uint8Array(await response.arrayBuffer()));
    expect([picture.width, picture.height, picture.channels]).toEqual([width, height, 1]);
    for (const byte of picture.data) expect(Math.abs(byte - expected)).toBeLessThanOrEqual(1);
  });

  test('translates numbers, and returns them in four formats', async () => {
    const handle = served();
    const row = [
      [0.3, 0, 0],
      [0, 0.6, 0],
    ];
    const body = JSON.stringify({ images: [[row], [row]], columns: 1 });
    const json = (await (await translate(handle, body)).json()) as number[][][][];
    expect(json.flat(3).map((value) => Number(value.toFixed(5)))).toEqual([-0.1, -0.2, -0.1, -0.2]);
    const accept = (type: string): Promise<Response> => translate(handle, body, { accept: type });
    const npy = await (await accept('application/x-npy')).arrayBuffer();
    expect([...new Float32Array(npy.slice(-16))]).toEqual(json.flat(3));
    const file = await (await accept('application/x-safetensors')).arrayBuffer();
    expect(decodeSafetensors(new Uint8Array(file)).tensors['samples']!.shape).toEqual([2, 1, 2, 1]);
    const png = decodePng(new Uint8Array(await (await accept('image/png')).arrayBuffer()));
    expect([png.width, png.height]).toEqual([2, 2]);
    // Of a PNG as well.
    const ofPng = await translate(handle, plain(1, 1, [255, 255, 255]), {
      accept: 'application/json',
    });
    expect(((await ofPng.json()) as number[][][][]).flat(3)[0]).toBeCloseTo(-1, 5);
  });

  test('refuses pictures of more tiles than samples are allowed', async () => {
    // 16 tiles of half of 8 pixels: 4 + 1 halves along each side.
    expect((await translate(served(), plain(20, 20, [0]))).status).toBe(200);
    const response = await translate(served(), plain(24, 20, [0]));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toBe(
      'the pictures must be at most 16 of 8×8, or larger ones of as many such tiles, each of which overlaps its ' +
        'neighbors by half, got 20',
    );
  });

  test('keeps no tensors', async () => {
    const handle = served();
    const before = tf.memory().numTensors;
    await (await translate(handle, plain(21, 13, [1, 2, 3]))).arrayBuffer();
    await translate(handle, plain(8, 8, [1, 2, 3]).subarray(0, 60));
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('both inference protocols take pictures of the size of the network', async () => {
  const handle = served();
  const data = new Array<number>(8 * 8 * 3).fill(0.5);
  const post = async (path: string, value: object): Promise<Record<string, unknown>> => {
    const init = { method: 'POST', body: JSON.stringify(value) };
    const response = await handle(new Request(`http://localhost${path}`, init));
    return (await response.json()) as Record<string, unknown>;
  };
  const input = { name: 'source', shape: [1, 8, 8, 3], datatype: 'FP32', data };
  const { outputs } = (await post('/v2/models/generator/infer', { inputs: [input] })) as {
    readonly outputs: readonly { readonly shape: number[]; readonly data: number[] }[];
  };
  expect(outputs[0]!.shape).toEqual([1, 8, 8, 1]);
  expect(outputs[0]!.data).toHaveLength(64);
  for (const value of outputs[0]!.data) expect(value).toBeCloseTo(-0.5, 5);
  const image = new Array<number[][]>(8).fill(new Array<number[]>(8).fill([0.5, 0.5, 0.5]));
  const { predictions } = await post('/v1/models/generator:predict', { instances: [image] });
  expect((predictions as number[][][][])[0]![7]![7]![0]).toBeCloseTo(-0.5, 5);
});

test('/ has a field for a picture, and /openapi.json the address', async () => {
  const handle = served();
  const page = await (await handle(new Request('http://localhost/'))).text();
  expect(page).toContain('type="file"');
  const response = await handle(new Request('http://localhost/openapi.json'));
  const { paths } = (await response.json()) as { readonly paths: Record<string, object> };
  expect(Object.keys(paths)).toContain('/translate');
  expect(Object.keys(paths)).not.toContain('/samples.png');
  expect(paths['/translate']).toMatchObject({
    post: { requestBody: { content: { 'image/png': {}, 'application/json': {} } } },
  });
});

describe('a hostile picture', () => {
  const images = (value: unknown): string => JSON.stringify({ images: value });
  const pixel = [0, 0, 0];
  test.each<[status: number, what: string, body: Uint8Array | string]>([
    [400, 'nothing', ''],
    [400, 'a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
    [400, 'the first byte of a PNG', Uint8Array.of(0x89)],
    [400, 'a PNG that is cut', plain(8, 8, [0]).subarray(0, 50)],
    [400, 'a PNG whose header lies', withWidth(plain(8, 8, [0]), 2 ** 31 - 1)],
    [413, 'a body that is too long', new Uint8Array(2 ** 20 + 1).fill(0x89)],
    [400, 'no pictures', images([])],
    [400, 'no rows', images([[]])],
    [400, 'no pixels', images([[[]]])],
    [400, 'a number', images(1)],
    [400, 'an object with a length', images({ length: 1e9 })],
    [400, 'numbers in place of pixels', images([[[1, 2, 3]]])],
    [400, 'a missing channel', images([[[[0, 0]]]])],
    [400, 'rows of two lengths', images([[[pixel, pixel], [pixel]]])],
    [400, 'pictures of two sizes', images([[[pixel]], [[pixel], [pixel]]])],
    [400, 'a number that is too large', '{"images":[[[[1e39,0,0]]]]}'],
    [400, 'an unknown name', '{"images":[[[[0,0,0]]]],"seed":1}'],
    [400, 'deep lists', `{"images":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
    [200, 'one pixel', images([[[pixel]]])],
  ])('%i: %s', async (status, _, body) => {
    const errors: unknown[] = [];
    const handle = served({ onError: (error) => void errors.push(error) });
    expect((await translate(handle, body)).status).toBe(status);
    expect(errors).toEqual([]);
  });

  test('with a byte changed never gets 500', async () => {
    const errors: unknown[] = [];
    const handle = served({ onError: (error) => void errors.push(error) });
    const valid = plain(8, 8, [30, 60, 90]);
    await fc.assert(
      fc.asyncProperty(fc.nat(valid.length - 1), fc.nat(255), async (at, byte) => {
        const changed = Uint8Array.from(valid);
        changed[at] = byte;
        expect((await translate(handle, changed)).status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
    expect(errors).toEqual([]);
  });
});

function withWidth(png: Uint8Array, width: number): Uint8Array {
  const changed = Uint8Array.from(png);
  new DataView(changed.buffer).setUint32(16, width);
  return changed;
}

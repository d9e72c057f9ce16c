import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeSafetensors, type ImageShape } from 'tfjs-gan';
import { unetTranslator } from 'tfjs-gan/image-to-image';
import { decodePng, encodePng } from 'tfjs-gan/node';
import type { ServeGeneratorOptions } from 'tfjs-gan/serve';
import { createCtgan, tableDataset } from 'tfjs-gan/tabular';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  HttpServer,
  type HttpServerOptions,
} from '../../../../src/platforms/node/serve/http-server.ts';
import { ThreadModel } from '../../../../src/platforms/node/serve/thread-model.ts';
import { RequestHandler } from '../../../../src/serve/request-handler.ts';
import { serveSettings } from '../../../../src/serve/serve-options.ts';
import { modelThread } from '../../../support/model-thread.ts';
import { repositoryPath } from '../../../support/public-api.ts';
import { tinyDcgan } from '../../../support/tiny-gan.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let model: ThreadModel;
let folder: string;

// One thread for all servers: it takes seconds to start.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-'));
  const gan = tinyDcgan({ seed: 3 });
  await gan.generator.save(`file://${folder}`);
  gan.dispose();
  model = await ThreadModel.start(modelThread({ path: folder, threads: 1, batchSize: 8 }));
});
afterAll(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

/** Serves the model at a free port of this machine, until the test ends. */
async function startServer(
  options: ServeGeneratorOptions & Partial<HttpServerOptions> = {},
  served = model,
): Promise<HttpServer> {
  const { host = '127.0.0.1', port = 0, requestTimeoutMs, ...others } = options;
  const handler = new RequestHandler(served, serveSettings('serve', others));
  const server = await HttpServer.start(handler, { host, port, requestTimeoutMs });
  onTestFinished(() => server.drain(0));
  return server;
}

/** Sends bytes to a server; resolves to all it returns until it closes the connection. */
function exchange(url: string, ...parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    for (const part of parts) socket.write(part);
  });
}

describe('a server with the model in a thread', () => {
  test('returns images, the same for the same seed whatever is computed with them', async () => {
    const { url } = await startServer();
    expect(model.backend).toContain('wasm-train');
    const get = async (seed: number): Promise<Uint8Array> =>
      new Uint8Array(await (await fetch(`${url}/samples.png?count=3&seed=${seed}`)).arrayBuffer());
    const alone = await get(5);
    expect(decodePng(alone)).toMatchObject({ width: 16, height: 16, channels: 1 });
    const among = await Promise.all(Array.from({ length: 24 }, (_, i) => get(i)));
    expect(among[5]).toEqual(alone);
    expect(among[6]).not.toEqual(alone);
  });

  test('responds to health checks while samples are computed', async () => {
    const { url } = await startServer({ batchWindowMs: 0 });
    let isDone = false;
    const samples = fetch(`${url}/samples.png?count=256`).then((response) => {
      isDone = true;
      return response.status;
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(isDone).toBe(false);
    expect(await samples).toBe(200);
  });

  test('says that a body is too long, with its length known or not, and continues', async () => {
    const { url } = await startServer({ maxBodyBytes: 1000 });
    const body = ' '.repeat(200_000);
    const known = await fetch(`${url}/samples`, { method: 'POST', body });
    expect(known.status).toBe(413);
    await known.text();
    const parts = new ReadableStream({
      start: (controller) => {
        for (let i = 0; i < 20; i += 1) controller.enqueue(new Uint8Array(10_000).fill(32));
        controller.close();
      },
    });
    const init = { method: 'POST', body: parts, duplex: 'half' } as RequestInit;
    expect((await fetch(`${url}/samples`, init)).status).toBe(413);
    expect((await fetch(`${url}/samples`, { method: 'POST', body: '{}' })).status).toBe(200);
  });

  test.each([
    ['a slow body', 'POST /samples HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{', 408],
    ['slow headers', 'GET /samples.png HTTP/1.1\r\nHost: a\r\nX-', 408],
    ['no path', 'GET http://evil.example/samples.png HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['no HTTP', 'nonsense\r\n\r\n', 400],
    ['a method that is none', 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['long headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`, 431],
  ])('ends a request with %s', async (_, text, status) => {
    const { url } = await startServer({ requestTimeoutMs: 300 });
    expect(await exchange(url, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('forgets a request whose connection is closed before it is computed', async () => {
    const { url } = await startServer({ maxQueued: 4, maxCount: 4, batchWindowMs: 200 });
    const gone = httpRequest(`${url}/samples.png?count=4`);
    gone.on('error', () => undefined);
    gone.end();
    const queued = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
    await expect.poll(queued).toContain('tfjs_gan_queued_samples 4');
    gone.destroy();
    await expect.poll(queued).toContain('tfjs_gan_queued_samples 0');
    expect(await queued()).toContain('route="/samples.png",code="499"} 1');
  });

  test('responds to what it has accepted before it ends', async () => {
    const server = await startServer({ batchWindowMs: 100 });
    const waiting = Array.from({ length: 5 }, (_, i) =>
      fetch(`${server.url}/samples.png?count=64&seed=${i}`),
    );
    const metrics = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
    await expect.poll(metrics).toContain('tfjs_gan_queued_samples 320');
    const drained = server.drain(60_000);
    const responses = await Promise.all(waiting);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(responses[0]!.headers.get('connection')).toBe('close');
    for (const response of responses) decodePng(new Uint8Array(await response.arrayBuffer()));
    await drained;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
  });
});

describe('a server that cannot start says why', () => {
  test('if the port is in use', async () => {
    const port = Number(new URL((await startServer()).url).port);
    await expect(startServer({ port })).rejects.toThrow(
      `Cannot serve: port ${port} of 127.0.0.1 must be free, got one that is in use. Pass another --port, or 0 for any free one`,
    );
  });

  test('if the host is not of this machine', async () => {
    await expect(startServer({ host: '203.0.113.1' })).rejects.toThrow(
      "Cannot serve: the host must be an address of this machine, got '203.0.113.1'",
    );
  });
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;

describe.skipIf(!hasCurl)('every curl command of the guide works', () => {
  let sections: readonly (readonly string[])[];
  let cwd: string;

  beforeAll(async () => {
    const guide = await readFile(repositoryPath('docs/guide/server.md'), 'utf8');
    sections = guide
      .split(/^## (?:Translators|Tables)$/m)
      .map((section) => section.split('\n').filter((line) => line.startsWith('curl ')));
    expect(sections.map(({ length }) => length)).toEqual([7, 3, 3]);
  });
  beforeEach(async () => {
    cwd = await temporaryFolder();
  });

  const bytesOf = async (file: string): Promise<Uint8Array> =>
    new Uint8Array(await readFile(join(cwd, file)));

  /** Runs the commands of a section; returns what they print. */
  async function run(section: number, served: ThreadModel): Promise<readonly string[]> {
    const { url } = await startServer({}, served);
    const printed: string[] = [];
    for (const command of sections[section]!) {
      const own = command.replace('curl ', 'curl --fail-with-body --silent --show-error ');
      const line = own.replace('http://127.0.0.1:8080', url);
      const { stdout } = await promisify(execFile)('sh', ['-c', line], { cwd });
      if (stdout !== '') printed.push(stdout);
    }
    return printed;
  }

  /** Serves a saved model in a thread of its own, until the test ends. */
  async function inThread(path: string): Promise<ThreadModel> {
    const served = await ThreadModel.start(modelThread({ path, threads: 1, batchSize: 8 }));
    onTestFinished(() => served.close());
    return served;
  }

  test('of generators', async () => {
    const [samples = '', about = ''] = await run(0, model);
    expect(JSON.parse(samples)).toHaveLength(2);
    expect(JSON.parse(about)).toMatchObject({ name: 'generator', platform: 'tfjs-gan' });
    expect(decodePng(await bytesOf('samples.png')).width).toBe(16);
    expect(decodePng(await bytesOf('path.png')).width).toBe(64);
    expect(Buffer.from(await bytesOf('samples.npy')).toString('latin1', 1, 6)).toBe('NUMPY');
    const { tensors } = decodeSafetensors(await bytesOf('samples.safetensors'));
    expect(tensors['samples']?.shape).toEqual([2, 8, 8, 1]);
  });

  test('of translators', async () => {
    const shape: ImageShape = [8, 8, 3];
    const translator = unetTranslator({ sourceShape: shape, targetShape: shape, baseFilters: 2 });
    await translator.save(`file://${join(cwd, 'model')}`);
    translator.dispose();
    const data = new Uint8Array(20 * 10 * 3).fill(99);
    const photo = encodePng({ width: 20, height: 10, channels: 3, data });
    await writeFile(join(cwd, 'photo.png'), photo);
    const [images = ''] = await run(1, await inThread(join(cwd, 'model')));
    expect(decodePng(await bytesOf('painting.png'))).toMatchObject({ width: 20, height: 10 });
    expect(Buffer.from(await bytesOf('painting.npy')).toString('latin1', 1, 6)).toBe('NUMPY');
    expect((JSON.parse(images) as number[][][][])[0]![0]![0]).toHaveLength(3);
  });

  test('of tables', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({
      species: ['Adelie', 'Gentoo'][i % 2]!,
      mass: 3000 + 40 * i,
    }));
    const units = { generatorUnits: [8], discriminatorUnits: [8] };
    const gan = createCtgan({ table: tableDataset(rows), ...units });
    await gan.generator.save(`file://${join(cwd, 'model')}`);
    gan.dispose();
    const [csv = '', json = '', text = ''] = await run(2, await inThread(join(cwd, 'model')));
    expect(csv).toMatch(/^species,mass\r\n(?:Adelie,[45]\d{3}(?:\.\d+)?\r\n){100}$/);
    expect(JSON.parse(json)).toHaveLength(2);
    expect(text).toMatch(/^species,mass\r\n(?:.+\r\n){2}$/);
  });
});

import fc from 'fast-check';
import { createDcgan, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { serveGenerator } from 'tfjs-gan/serve';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let handle: (request: Request) => Promise<Response>;
const failures: unknown[] = [];
let dispose: () => void;

beforeAll(async () => {
  await useBackend(wasmTrain({ threads: 1 }));
  const gan = createDcgan({
    imageShape: [8, 8, 1],
    baseFilters: 2,
    latentSize: 4,
    classes: 3,
    seed: 1,
  });
  dispose = () => gan.dispose();
  handle = serveGenerator(gan.generator, {
    maxCount: 64,
    maxBodyBytes: 100_000,
    batchWindowMs: 0,
    onError: (error) => void failures.push(error),
  });
});
afterAll(() => dispose());

async function statusOf(method: string, path: string, body?: string): Promise<number> {
  const request = new Request(`http://localhost${path}`, {
    method,
    ...(body !== undefined && { body }),
  });
  return (await handle(request)).status;
}

const infer = '/v2/models/generator/infer';
const predict = '/v1/models/generator:predict';
const tensor = (more: object): string => {
  const latents = { name: 'latents', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] };
  const labels = { name: 'labels', datatype: 'INT32', shape: [1], data: [0] };
  return JSON.stringify({ inputs: [{ ...latents, ...more }, labels] });
};
const many = (count: number, value: string): string =>
  `[${new Array<string>(count).fill(value).join(',')}]`;

describe('a hostile request gets its status', () => {
  test.each<[status: number, method: string, path: string, body?: string]>([
    // Counts and other numbers
    [400, 'GET', '/samples.png?count=0'],
    [400, 'GET', '/samples.png?count=65'],
    [400, 'GET', '/samples.png?count=1e9'],
    [400, 'GET', '/samples.png?count=999999999999999999999'],
    [400, 'GET', '/samples.png?count=-1'],
    [400, 'GET', '/samples.png?count=NaN'],
    [400, 'GET', '/samples.png?count='],
    [400, 'GET', '/samples.png?count=0x10'],
    [400, 'GET', '/samples.png?count=%201'],
    [400, 'GET', '/samples.png?count=1&count=2'],
    [400, 'GET', '/samples.png?seed=4294967296'],
    [400, 'GET', '/samples.png?seed=1.5'],
    [400, 'GET', '/samples.png?scale=1000000'],
    [400, 'GET', '/samples.png?count=64&scale=32&padding=32'],
    [400, 'GET', '/samples.png?columns=0'],
    [400, 'GET', '/interpolate.png?steps=1'],
    [400, 'GET', '/interpolate.png?steps=65'],
    [400, 'GET', '/samples.png?__proto__=1'],
    [400, 'GET', '/samples.png?constructor=1'],
    // Conditions
    [400, 'GET', '/samples.png?labels=3'],
    [400, 'GET', '/samples.png?labels=-1'],
    [400, 'GET', '/samples.png?labels=[0,1]'],
    [400, 'GET', '/samples.png?labels=null'],
    [400, 'GET', '/samples.png?labels={"length":1e9}'],
    [400, 'GET', '/samples.png?labels=nonsense'],
    [400, 'GET', `/samples.png?labels=${'['.repeat(50)}`],
    [400, 'GET', '/samples.png?codes={}'],
    // Paths
    [404, 'GET', '/nowhere'],
    [404, 'GET', '//evil.example/samples.png'],
    [404, 'GET', '/../../etc/passwd'],
    [404, 'GET', '/%2e%2e/%2e%2e/etc/passwd'],
    [404, 'GET', '/samples.png/'],
    [404, 'GET', '/samples.png%00'],
    [404, 'GET', '/%zz'],
    [404, 'GET', '/SAMPLES.PNG'],
    [404, 'GET', '/v2/models/other'],
    [404, 'GET', '/constructor'],
    [200, 'GET', '/a/../samples.png'],
    // Methods
    [405, 'POST', '/samples.png', '{}'],
    [405, 'GET', '/samples'],
    [405, 'DELETE', '/samples', '{}'],
    [405, 'OPTIONS', '/samples.png'],
    // Bodies
    [400, 'POST', '/samples'],
    [400, 'POST', '/samples', ''],
    [400, 'POST', '/samples', 'nonsense'],
    [400, 'POST', '/samples', '[]'],
    [400, 'POST', '/samples', 'null'],
    [400, 'POST', '/samples', '{"count":"1.5"}'],
    [400, 'POST', '/samples', '{"count":1e400}'],
    [400, 'POST', '/samples', '{"count":[1]}'],
    [400, 'POST', '/samples', '{"__proto__":{"count":1}}'],
    [400, 'POST', '/samples', '{"toString":1}'],
    [400, 'POST', '/samples', '{"latents":[]}'],
    [400, 'POST', '/samples', '{"latents":[[1,2,3]]}'],
    [400, 'POST', '/samples', '{"latents":[[1,2,3,null]]}'],
    [400, 'POST', '/samples', '{"latents":[[1,2,3,1e39]]}'],
    [400, 'POST', '/samples', '{"latents":{"length":1000000000}}'],
    [400, 'POST', '/samples', '{"latents":[[1,2,3,4]],"count":2}'],
    [200, 'POST', '/samples', '{"seed":1,"labels":1}'],
    // Protocols
    [400, 'POST', infer, '{}'],
    [400, 'POST', infer, '{"inputs":{}}'],
    [400, 'POST', infer, '{"inputs":[null,null]}'],
    [400, 'POST', infer, tensor({ shape: [1e9, 4] })],
    [400, 'POST', infer, tensor({ shape: [2, 4] })],
    [400, 'POST', infer, tensor({ shape: [1, [4]] })],
    [400, 'POST', infer, tensor({ shape: '1,4' })],
    [400, 'POST', infer, tensor({ datatype: 'BYTES' })],
    [400, 'POST', infer, tensor({ name: 'samples' })],
    [400, 'POST', infer, tensor({ data: [1, 2, 3] })],
    [400, 'POST', infer, tensor({ data: 'AAAA' })],
    [400, 'POST', infer, tensor({ binary_data: 16 })],
    [200, 'POST', infer, tensor({})],
    [400, 'POST', predict, '{}'],
    [400, 'POST', predict, '{"instances":[]}'],
    [400, 'POST', predict, '{"instances":[[1,2,3,4]]}'],
    [400, 'POST', predict, '{"instances":[{"latents":[1,2,3,4]}]}'],
    [400, 'POST', predict, '{"instances":[{"latents":[1,2,3,4],"labels":3}]}'],
    [400, 'POST', predict, '{"instances":[{"latents":[1,2,3,4],"labels":0.5}]}'],
    [400, 'POST', predict, '{"instances":[1],"inputs":[1]}'],
    [200, 'POST', predict, '{"instances":[{"latents":[1,2,3,4],"labels":2}]}'],
  ])('%i: %s %s %s', async (status, method, path, body) => {
    expect(await statusOf(method, path, body)).toBe(status);
  });

  test.each([
    [400, 'too many rows', `{"latents":${many(65, '[1,2,3,4]')}}`],
    [400, 'deep lists', `{"latents":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
    [400, 'deep objects', `${'{"a":'.repeat(16_000)}1${'}'.repeat(16_000)}`],
    [413, 'a long body', `{"latents":${many(50_001, '1')}}`],
  ])('%i: %s', async (status, _, body) => {
    expect(await statusOf('POST', '/samples', body)).toBe(status);
  });

  test('406 for a form that it does not have', async () => {
    const headers = { accept: 'image/webp, text/*;q=0.5, application/json;q=0' };
    const request = new Request('http://localhost/samples', {
      method: 'POST',
      body: '{}',
      headers,
    });
    expect((await handle(request)).status).toBe(406);
  });

  test('413 for a body without an end', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 10_000;
        controller.enqueue(new Uint8Array(10_000).fill(32));
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const response = await handle(new Request('http://localhost/samples', init));
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({
      error: 'the body must have at most 100000 bytes (maxBodyBytes)',
    });
    expect(sent).toBeLessThan(200_000);
  });
});

test('errors name what was wrong', async () => {
  const messageOf = async (path: string, body?: string): Promise<unknown> => {
    const method = body === undefined ? 'GET' : 'POST';
    const init = body === undefined ? { method } : { method, body };
    const response = await handle(new Request(`http://localhost${path}`, init));
    return ((await response.json()) as { readonly error: unknown }).error;
  };
  expect(await messageOf('/samples.png?count=x')).toBe(
    "count must be an integer from 1 to 64, got 'x'",
  );
  expect(await messageOf('/samples.png?labels=3')).toBe(
    'Cannot sample: labels must be an integer from 0 to 2, got 3',
  );
  expect(await messageOf('/samples.png?number=3')).toBe(
    'the address must have only the parameters count, seed, columns, scale, padding, labels',
  );
  expect(await messageOf('/samples', '{"latents":[[1,2]]}')).toBe(
    'latents must have the shape [1, 4], got a list of 2',
  );
  expect(await messageOf(infer, tensor({ shape: [1, 5] }))).toBe(
    'the shape of latents must be [1, 4], got [1, 5]',
  );
});

describe('fuzzed requests never get 500', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'count',
      'seed',
      'labels',
      'latents',
      'columns',
      'scale',
      'inputs',
      'instances',
    ),
    fc.constantFrom('name', 'shape', 'datatype', 'data', 'from', 'to', 'steps', '__proto__'),
    fc.string({ maxLength: 8 }),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.double(),
      fc.constantFrom(0, 1, 2, 4, '1', 'FP32', 'INT32', 'latents', 'labels', null, true),
      fc.string({ maxLength: 8 }),
      fc.array(tie('any'), { maxLength: 5 }),
      fc.dictionary(word, tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  const paths = ['/samples', infer, predict, '/samples.png', '/interpolate.png', '/', '/metrics'];

  test('in queries', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.array(
          fc.tuple(
            word,
            fc.oneof(
              fc.string(),
              fc.integer().map(String),
              value.map((one) => JSON.stringify(one)),
            ),
          ),
          { maxLength: 4 },
        ),
        async (path, query) => {
          const status = await statusOf('GET', `${path}?${new URLSearchParams(query).toString()}`);
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 300 },
    );
    expect(failures).toEqual([]);
  });

  test('in bodies', async () => {
    const text = fc.oneof(
      value.map((one) => JSON.stringify(one)),
      fc.dictionary(word, value, { maxKeys: 4 }).map((one) => JSON.stringify(one)),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('/samples', infer, predict), text, async (path, body) => {
        expect(await statusOf('POST', path, body)).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
    expect(failures).toEqual([]);
  });

  test('in valid bodies with one part changed', async () => {
    const valid = tensor({});
    await fc.assert(
      fc.asyncProperty(fc.nat(valid.length - 1), fc.string({ maxLength: 3 }), async (at, part) => {
        const body = valid.slice(0, at) + part + valid.slice(at + 1);
        expect(await statusOf('POST', infer, body)).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
    expect(failures).toEqual([]);
  });
});

test('/openapi.json has every address, and no other', async () => {
  const response = await handle(new Request('http://localhost/openapi.json'));
  const { paths } = (await response.json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  };
  expect(Object.keys(paths).sort()).toEqual([
    '/',
    '/healthz',
    '/interpolate.png',
    '/metrics',
    '/openapi.json',
    '/readyz',
    '/samples',
    '/samples.png',
    '/v1/models/generator',
    '/v1/models/generator/versions/1',
    '/v1/models/generator/versions/1:predict',
    '/v1/models/generator:predict',
    '/v2',
    '/v2/health/live',
    '/v2/health/ready',
    '/v2/models/generator',
    '/v2/models/generator/infer',
    '/v2/models/generator/ready',
    '/v2/models/generator/versions/1',
    '/v2/models/generator/versions/1/infer',
    '/v2/models/generator/versions/1/ready',
  ]);
  for (const [path, operations] of Object.entries(paths)) {
    for (const method of Object.keys(operations)) {
      const body = method === 'post' ? '{}' : undefined;
      expect([200, 400]).toContain(await statusOf(method.toUpperCase(), path, body));
    }
  }
});

test('/metrics are in the format of Prometheus', async () => {
  const text = await (await handle(new Request('http://localhost/metrics'))).text();
  const line =
    /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.e+-]+)$/;
  for (const each of text.trimEnd().split('\n')) expect(each).toMatch(line);
});

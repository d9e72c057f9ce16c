import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { serveGenerator } from 'tfjs-gan/serve';
import { createCtgan, tableDataset, type TableGan } from 'tfjs-gan/tabular';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let gan: TableGan;
let handle: (request: Request) => Promise<Response>;
const failures: unknown[] = [];

beforeAll(async () => {
  await useBackend(wasmTrain({ threads: 1 }));
  const rows = Array.from({ length: 200 }, (_, i) => ({
    species: ['Adelie', 'Gentoo', 'Chinstrap'][i % 3]!,
    mass: 3000 + 10 * i,
    seen: new Date(Date.UTC(2020, 0, 1 + i)),
    'a,b': i % 2 === 0 ? null : '=1+1',
  }));
  const units = { generatorUnits: [16], discriminatorUnits: [16] };
  gan = createCtgan({ table: tableDataset(rows), ...units, seed: 1 });
  handle = serveGenerator(gan.generator, {
    maxCount: 64,
    maxBodyBytes: 10_000,
    batchWindowMs: 0,
    maxAgeSeconds: 60,
    onError: (error) => void failures.push(error),
  });
});
afterAll(() => gan.dispose());

const get = (path: string): Promise<Response> => handle(new Request(`http://localhost${path}`));
const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
  handle(new Request('http://localhost/rows', { method: 'POST', body, headers }));
const where = (value: unknown): string => encodeURIComponent(JSON.stringify(value));

describe('rows', () => {
  test('are those of the generator, as JSON', async () => {
    const response = await post('{"count":20,"seed":7,"where":{"species":"Gentoo"}}');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-seed')).toBe('7');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const rows = (await response.json()) as Record<string, unknown>[];
    expect(rows.map((row) => row['species'])).toEqual(new Array(20).fill('Gentoo'));
    const own = await gan.generator.sample(20, { seed: 7, where: { species: 'Gentoo' } });
    expect(rows).toEqual(JSON.parse(JSON.stringify(own)));
  });

  test('are RFC 4180, by address or by the Accept header', async () => {
    const response = await get(`/rows.csv?count=30&seed=7&where=${where({ mass: { min: 3500 } })}`);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('public, max-age=60');
    const text = await response.text();
    const [header, ...lines] = text.trimEnd().split('\r\n');
    expect(header).toBe('species,mass,seen,"a,b"');
    expect(lines).toHaveLength(30);
    for (const line of lines) {
      const [species, mass, seen, formula] = line.split(',');
      expect(['Adelie', 'Gentoo', 'Chinstrap']).toContain(species);
      expect(Number(mass)).toBeGreaterThanOrEqual(3500);
      expect(seen).toMatch(/^2020-\d\d-\d\dT/);
      // A spreadsheet would run it.
      expect(['', "'=1+1"]).toContain(formula);
    }
    const body = '{"count":30,"seed":7,"where":{"mass":{"min":3500}}}';
    expect(await (await post(body, { accept: 'text/csv' })).text()).toBe(text);
  });

  test('of a seed are the same alone and among others, those without have a new one', async () => {
    const [first, ...others] = await Promise.all([
      get('/rows.csv?count=9&seed=1'),
      ...Array.from({ length: 8 }, (_, i) => get(`/rows.csv?count=9&seed=${i}`)),
    ]);
    const alone = await (await get('/rows.csv?count=9&seed=1')).text();
    expect(await first.text()).toBe(alone);
    expect(await others[1]!.text()).toBe(alone);
    expect(await others[2]!.text()).not.toBe(alone);
    const [one, other] = [await get('/rows.csv'), await get('/rows.csv')];
    expect(one.headers.get('x-seed')).not.toBe(other.headers.get('x-seed'));
    expect(one.headers.get('cache-control')).toBe('no-store');
  });

  test('keep no tensors', async () => {
    const before = tf.memory().numTensors;
    await (await get('/rows.csv?count=30')).text();
    await get(`/rows.csv?where=${where({ species: 'none' })}`);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('/ and /openapi.json name the columns, and no address of tensors', async () => {
  expect(await (await get('/')).text()).toContain('species, mass, seen, a,b');
  const description = (await (await get('/openapi.json')).json()) as { readonly paths: object };
  expect(Object.keys(description.paths).sort()).toEqual([
    '/',
    '/healthz',
    '/metrics',
    '/openapi.json',
    '/readyz',
    '/rows',
    '/rows.csv',
    '/v2/health/live',
    '/v2/health/ready',
  ]);
});

describe('a hostile request gets its status', () => {
  test.each([
    [400, 'count=0'],
    [400, 'count=65'],
    [400, 'seed=-1'],
    [400, 'rows=1'],
    [400, 'where=nonsense'],
    [400, 'where=[]'],
    [400, 'where=null'],
    [400, 'where="species"'],
    [400, `where=${'['.repeat(50)}`],
    [400, `where=${where({ name: 'x' })}`],
    [400, 'where={"__proto__":1}'],
    [400, 'where={"constructor":1}'],
    [400, `where=${where({ species: 'none' })}`],
    [400, `where=${where({ species: [] })}`],
    [400, `where=${where({ species: { min: 1 } })}`],
    [400, `where=${where({ mass: { min: 1e9 } })}`],
    [400, `where=${where({ mass: { min: {} } })}`],
    [400, `where=${where({ mass: [[3000]] })}`],
    [400, `where=${where({ seen: { min: 'never' } })}`],
    [200, `where=${where({ seen: { min: '2020-03-01' } })}`],
    [200, `where=${where({ 'a,b': null })}`],
  ])('%i: /rows.csv?%s', async (status, query) => {
    expect((await get(`/rows.csv?${query}`)).status).toBe(status);
    expect(failures).toEqual([]);
  });

  test('and says what was wrong', async () => {
    const response = await get(`/rows.csv?where=${where({ species: 'none' })}`);
    expect(await response.json()).toEqual({
      error: expect.stringMatching(
        /^Cannot sample the table: where\.species must be a value that the data have, one of /,
      ) as string,
    });
  });

  test.each([
    [400, '[]'],
    [400, '{"count":"many"}'],
    [400, '{"where":{"species":{"length":1e9}}}'],
    [413, `{"where":{"species":[${'"Adelie",'.repeat(2000)}"Adelie"]}}`],
  ])('%i: POST /rows %s', async (status, body) => {
    expect((await post(body)).status).toBe(status);
  });

  test('fuzzed, and never 500', async () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom('Adelie', 3500, '2020-02-01', null, true, -0, 1e300, '__proto__'),
        fc.integer(),
        fc.string({ maxLength: 6 }),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('min', 'max', 'x'), tie('any'), { maxKeys: 2 }),
      ),
    })).any;
    const column = fc.constantFrom('species', 'mass', 'seen', 'a,b', 'toString');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(column, value, { maxKeys: 2 }), async (request) => {
        expect((await post(JSON.stringify({ where: request }))).status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
    expect(failures).toEqual([]);
  });
});

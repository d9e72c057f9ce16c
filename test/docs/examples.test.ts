import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as root from 'tfjs-gan';
import * as exporting from 'tfjs-gan/export';
import * as wasmTrain from 'tfjs-gan/backends/wasm-train';
import * as imageToImage from 'tfjs-gan/image-to-image';
import * as importing from 'tfjs-gan/import';
import * as latent from 'tfjs-gan/latent';
import * as layers from 'tfjs-gan/layers';
import * as mnistFeatures from 'tfjs-gan/features/mnist';
import * as metrics from 'tfjs-gan/metrics';
import * as node from 'tfjs-gan/node';
import * as serving from 'tfjs-gan/serve';
import * as tabular from 'tfjs-gan/tabular';
import * as browser from 'tfjs-gan/browser';
import * as worker from 'tfjs-gan/worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { completeExamples, findTypeErrors, runModule } from './check-examples.ts';
import { namesIn } from '../../scripts/docs-site/names-in.ts';
import { collectExamples, commentExamples, promisedOutput } from './examples.ts';
import * as fixtures from './fixtures.ts';

const table = {
  '@tensorflow/tfjs': tf,
  'tfjs-gan': root,
  'tfjs-gan/node': node,
  'tfjs-gan/browser': browser,
  'tfjs-gan/worker': worker,
  'tfjs-gan/metrics': metrics,
  'tfjs-gan/export': exporting,
  'tfjs-gan/serve': serving,
  'tfjs-gan/features/mnist': mnistFeatures,
  'tfjs-gan/image-to-image': imageToImage,
  'tfjs-gan/tabular': tabular,
  'tfjs-gan/import': importing,
  'tfjs-gan/latent': latent,
  'tfjs-gan/layers': layers,
  'tfjs-gan/backends/wasm-train': wasmTrain,
  './fixtures.ts': fixtures,
};

const modules = completeExamples(collectExamples());

describe('every example', () => {
  test('passes the type check', () => {
    expect(modules.length).toBeGreaterThan(20);
    expect(findTypeErrors(modules)).toEqual([]);
  });
});

describe('the example at', () => {
  const home = process.cwd();
  let folder: string;
  // What an example writes, it writes here.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-examples-'));
    process.chdir(folder);
  });
  afterAll(async () => {
    process.chdir(home);
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    await root.useBackend('wasm-train');
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    tf.disposeVariables();
  });

  for (const module of modules.filter(({ example }) => example.runs)) {
    const { path, line, code } = module.example;
    test(`${path}:${line} runs`, { timeout: 60_000 }, async () => {
      const printed = await runModule(module, table);
      expect(printed.map(tight)).toEqual(expect.arrayContaining(promisedOutput(code).map(tight)));
    });
  }
});

/** Node prints `[ 1, 2 ]`, browsers print `[1, 2]`. */
function tight(text: string): string {
  return text.replace(/(?<=[[{]) | (?=[\]}])/g, '');
}

describe('commentExamples', () => {
  const source = [
    'const a = 1;',
    '/**',
    ' * A sentence.',
    ' *',
    ' * @example Runs',
    ' * ```ts',
    ' * if (true) {',
    ' *   console.log(1 + 1); // 2',
    ' * }',
    ' * ```',
    ' *',
    ' * @example Needs the network',
    ' * ```ts no-run',
    " * const b: string = 'b';",
    ' * ```',
    ' * ```sh',
    ' * npm test',
    ' * ```',
    ' */',
  ].join('\n');

  test('finds TypeScript blocks with their lines, and which of them run', () => {
    expect(commentExamples('a.ts', source)).toEqual([
      { path: 'a.ts', line: 7, code: 'if (true) {\n  console.log(1 + 1); // 2\n}', runs: true },
      { path: 'a.ts', line: 14, code: "const b: string = 'b';", runs: false },
    ]);
  });
});

describe('findTypeErrors', () => {
  const errorsOf = (code: string): string[] =>
    findTypeErrors(completeExamples([{ path: 'guide.md', line: 10, code, runs: false }]));

  test('names the line of a wrong type and of an unknown name', () => {
    expect(errorsOf("const a = 1;\nconst b: number = 'b';")).toEqual([
      "guide.md:11 Type 'string' is not assignable to type 'number'.",
    ]);
    expect(errorsOf('createNothing();')).toEqual(["guide.md:10 Cannot find name 'createNothing'."]);
  });

  test('supplies what an example takes for granted, unless it declares it itself', () => {
    expect(errorsOf('const name: string = new BceLoss().name;')).toEqual([]);
    expect(errorsOf('const gan: string = trainer;')).toEqual([
      "guide.md:10 Type 'Trainer' is not assignable to type 'string'.",
    ]);
    expect(errorsOf("const gan = 'gan';\nconsole.log(gan.length);")).toEqual([]);
  });
});

describe('runModule', () => {
  const run = (code: string): Promise<string[]> =>
    runModule(
      { example: { path: 'guide.md', line: 1, code, runs: true }, code: `export {};\n${code}` },
      table,
    );

  test('returns what was printed, across `await`', async () => {
    expect(await run('await Promise.resolve(); console.log([1, 2], true);')).toEqual([
      '[ 1, 2 ] true',
    ]);
  });

  test('passes on what the example throws', async () => {
    await expect(run("throw new Error('no');")).rejects.toThrow('no');
    await expect(run("import 'left-pad';")).rejects.toThrow('An example cannot import left-pad');
  });
});

describe('namesIn', () => {
  test('tells what is used from what is declared, and leaves members out', () => {
    const { used, declared } = namesIn('const { a, b: [c] } = d.e; function f() { g({ h: i }); }');
    expect([...declared]).toEqual(['a', 'c', 'f']);
    expect([...used]).toEqual(expect.arrayContaining(['d', 'g', 'i']));
    expect([...used]).not.toEqual(expect.arrayContaining(['e']));
    expect([...used]).not.toEqual(expect.arrayContaining(['h']));
  });
});

describe('promisedOutput', () => {
  test('reads the comments after console.log', () => {
    expect(
      promisedOutput('console.log(a); // [1, 2]\nb(); // not this\n  console.log(c);'),
    ).toEqual(['[1, 2]']);
  });
});

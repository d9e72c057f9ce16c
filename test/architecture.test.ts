import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import {
  findBreaches,
  findCycles,
  findSharedState,
  importsOf,
  readSources,
  type SourceFile,
} from './support/architecture.ts';

/** What tsup.config.ts bundles, and what users install beside us. */
const packages = [...Object.keys(manifest.peerDependencies), ...['comlink', 'fflate', 'pure-rand']];

describe('the floors of src/', () => {
  const sources = readSources();

  test('are where every import goes down', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(findBreaches(sources, packages)).toEqual([]);
  });

  test('hold no circle of files that import each other, types included', () => {
    expect(findCycles(sources)).toEqual([]);
  });

  test('keep no map or set for the whole process', () => {
    expect(sources.flatMap(({ path, code }) => findSharedState(path, code))).toEqual([]);
  });
});

describe('findBreaches', () => {
  /** A made-up pair of files: the first imports the second. */
  const breaches = (from: string, imported: string, to?: string): string[] => {
    const files: SourceFile[] = [{ path: from, imports: [imported] }];
    if (to !== undefined) files.push({ path: to, imports: [] });
    return findBreaches(files, packages);
  };

  test('lets a file import its own room and the floors below', () => {
    expect(breaches('losses/bce.ts', './loss.ts', 'losses/loss.ts')).toEqual([]);
    expect(breaches('training/trainer.ts', '../core/checks.ts', 'core/checks.ts')).toEqual([]);
    expect(breaches('index.ts', './presets/dcgan.ts', 'presets/dcgan.ts')).toEqual([]);
    expect(breaches('losses/bce.ts', '@tensorflow/tfjs')).toEqual([]);
  });

  test('names a climb', () => {
    expect(breaches('core/checks.ts', '../models/generator.ts', 'models/generator.ts')).toEqual([
      'core/checks.ts (floor 1) imports models/generator.ts (floor 5): imports only go down',
    ]);
  });

  test('keeps rooms on one floor apart', () => {
    expect(breaches('data/idx.ts', '../io/png.ts', 'io/png.ts')).toEqual([
      'data/idx.ts (floor 4) imports io/png.ts (floor 4): imports only go down',
    ]);
    expect(breaches('platforms/browser/a.ts', '../node/b.ts', 'platforms/node/b.ts')).toHaveLength(
      1,
    );
  });

  test('keeps platforms out of the root', () => {
    expect(breaches('index.ts', './platforms/node/mnist.ts', 'platforms/node/mnist.ts')).toEqual([
      'index.ts imports platforms/node/mnist.ts, but the root runs on every platform',
    ]);
  });

  test('names the import of a public face, of a file that is not there, of a room on no floor', () => {
    expect(breaches('losses/bce.ts', './index.ts', 'losses/index.ts')).toEqual([
      'losses/bce.ts imports losses/index.ts, a public face: import the file that defines the name',
    ]);
    expect(breaches('losses/bce.ts', './lost.ts')).toEqual([
      'losses/bce.ts imports ./lost.ts, which does not exist',
    ]);
    expect(breaches('utils/misc.ts', '@tensorflow/tfjs')).toEqual([
      'utils/misc.ts is in room utils, which is on no floor',
    ]);
    expect(breaches('misc.ts', '@tensorflow/tfjs')).toEqual([
      'misc.ts is in no room: only index.ts stands in src/ itself',
    ]);
  });

  test('keeps Node modules in the rooms that may have them', () => {
    expect(breaches('platforms/node/mnist.ts', 'node:fs')).toEqual([]);
    expect(breaches('io/png.ts', 'node:zlib')).toEqual([
      'io/png.ts imports node:zlib: only platforms/node and cli may',
    ]);
    expect(breaches('platforms/browser/canvas.ts', 'fs/promises')).toHaveLength(1);
  });

  test('names a package that is neither a peer nor bundled', () => {
    expect(breaches('io/png.ts', 'pngjs/browser')).toEqual([
      'io/png.ts imports pngjs/browser, which users do not have',
    ]);
  });
});

describe('findCycles', () => {
  test('names a circle once', () => {
    const files = [
      { path: 'core/a.ts', imports: ['./b.ts'] },
      { path: 'core/b.ts', imports: ['./c.ts', '@tensorflow/tfjs'] },
      { path: 'core/c.ts', imports: ['./b.ts'] },
    ];
    expect(findCycles(files)).toEqual(['core/b.ts → core/c.ts → core/b.ts']);
  });

  test('names a circle of types alone', () => {
    const files = [
      { path: 'core/a.ts', imports: importsOf("import type { B } from './b.ts';") },
      { path: 'core/b.ts', imports: importsOf("export type { A } from './a.ts';") },
    ];
    expect(findCycles(files)).toEqual(['core/a.ts → core/b.ts → core/a.ts']);
  });
});

describe('findSharedState', () => {
  test('names maps and sets of a module and of a class', () => {
    const code = `
      const seen = new WeakSet<object>();
      export let table: ReadonlyMap<string, number> = new Map();
      const all = { names: new Set<string>() };
      class A { static readonly made = new Map<string, A>(); }
    `;
    expect(findSharedState('core/a.ts', code)).toEqual([
      'core/a.ts:2 keeps a WeakSet for the whole process: let an object hold it',
      'core/a.ts:3 keeps a Map for the whole process: let an object hold it',
      'core/a.ts:4 keeps a Set for the whole process: let an object hold it',
      'core/a.ts:5 keeps a Map for the whole process: let an object hold it',
    ]);
  });

  test('lets constants be, and what an object or a call has for itself', () => {
    const code = `
      const kinds: ReadonlySet<string> = new Set(['a']);
      class A { readonly #held = new Map<string, number>(); }
      const count = (all: string[]): number => new Set(all).size;
      function make() { return new WeakMap(); }
    `;
    expect(findSharedState('core/a.ts', code)).toEqual([]);
  });
});

describe('importsOf', () => {
  test('sees types, values, re-exports and what is loaded later', () => {
    const code = `
      import type { A } from './a.ts';
      import * as b from './b.ts';
      export { c } from './c.ts';
      const d = await import('./d.ts');
    `;
    expect(importsOf(code)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts']);
  });
});

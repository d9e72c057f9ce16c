import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import webpack from 'webpack';

/** Builds the page of fixtures/page, in `folder` of a project that has the package, into `folder/out`. No settings of its own. */
export type Bundler = (folder: string) => Promise<void>;

/** The bundlers that must take the package as it is. */
export const bundlers: Readonly<Record<string, Bundler>> = {
  async vite(folder) {
    await vite({ ...quiet, root: folder, build: { outDir: 'out' } });
  },
  async esbuild(folder) {
    await esbuild({
      entryPoints: [join(folder, 'page.js')],
      bundle: true,
      splitting: true,
      format: 'esm',
      outdir: join(folder, 'out'),
      logLevel: 'silent',
    });
    await copyPage(folder);
  },
  async webpack(folder) {
    await runWebpack({
      mode: 'production',
      // Minifying TensorFlow.js takes most of the time, and shows nothing.
      optimization: { minimize: false },
      context: folder,
      entry: './page.js',
      output: { path: join(folder, 'out'), filename: 'page.js' },
    });
    await copyPage(folder);
  },
};

/** The page with the parts of TensorFlow.js that docs/guide/browsers.md names, in place of all of it. */
export async function buildSmallPage(folder: string): Promise<void> {
  await vite({
    ...quiet,
    root: folder,
    resolve: { alias: [{ find: /^@tensorflow\/tfjs$/, replacement: join(folder, 'tfjs.js') }] },
    build: { outDir: 'out' },
  });
}

/** Builds `server.js` as a framework's server bundle, into `folder/server/server.mjs`. */
export async function buildServerSide(folder: string): Promise<void> {
  await vite({
    ...quiet,
    root: folder,
    build: { ssr: 'server.js', outDir: 'server' },
    // As frameworks do that deploy one file.
    ssr: { noExternal: [/^tfjs-gan/] },
  });
}

const quiet = { configFile: false, logLevel: 'silent' } as const;

async function copyPage(folder: string): Promise<void> {
  await mkdir(join(folder, 'out'), { recursive: true });
  await cp(join(folder, 'index.html'), join(folder, 'out/index.html'));
}

async function runWebpack(options: webpack.Configuration): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    webpack(options, (error, stats) => {
      if (error !== null) reject(error);
      else if (stats?.hasErrors() === true) reject(new Error(stats.toString('errors-only')));
      else resolve();
    });
  });
}

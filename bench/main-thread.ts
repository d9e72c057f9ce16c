/**
 * How free a page stays while its worker trains: the longest task of the main thread, in Chromium, in the demo page.
 *
 *     npm run bench -- main-thread 15    seconds (default 20)
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import demo from '../examples/browser-demo/vite.config.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { repositoryPath } from '../test/support/public-api.ts';
import { serveFolder } from '../test/support/serve-folder.ts';

/** An event of Chromium's trace, as far as it is read here; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly args: { readonly name?: string };
}

const seconds = Number(process.argv[2] ?? 20);
const folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-demo-'));
try {
  const vite = repositoryPath('node_modules/vite/bin/vite.js');
  const config = repositoryPath('examples/browser-demo/vite.config.ts');
  const words = ['build', '--logLevel', 'error', '--config', config, '--outDir', folder];
  execFileSync(process.execPath, [vite, ...words], { stdio: 'inherit' });
  const served = await serveFolder(folder, demo.preview?.headers as Record<string, string>);
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.addInitScript(() => {
    const long: number[] = [];
    Object.assign(globalThis, { long });
    new PerformanceObserver((list) => {
      long.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask', buffered: true });
  });
  await page.goto(served.address);
  await page.click('#primary');
  await page.waitForFunction('Number(document.getElementById("step").textContent) >= 3');

  const step = async (): Promise<number> => Number(await page.locator('#step').textContent());
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
  // Tracing itself takes the page a moment to begin, and to end.
  await page.waitForTimeout(1000);
  await page.evaluate('long.length = 0');
  const first = await step();
  await page.waitForTimeout(1000 * seconds);
  const steps = (await step()) - first;
  const long = await page.evaluate<number[]>('long');
  const trace = (await browser.stopTracing()).toString();
  console.log(`chromium ${browser.version()}, ${await page.locator('.runs-on p').innerText()}`);
  await browser.close();
  await served.close();

  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const main = traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain',
  );
  const tasks = traceEvents
    .filter(
      ({ name, pid, tid }) =>
        name === 'RunTask' && main.some((m) => m.pid === pid && m.tid === tid),
    )
    .map(({ dur = 0 }) => dur / 1000)
    .sort((a, b) => b - a);
  const busy = tasks.reduce((sum, task) => sum + task, 0) / (10 * seconds);
  const show = (time: number | undefined): string => `${time?.toFixed(1) ?? '?'} ms`;
  console.log(
    `${steps} steps in ${seconds} s, ${show((1000 * seconds) / steps)} each, in the worker`,
  );
  console.log(`${tasks.length} tasks on the main thread, busy ${busy.toFixed(1)} % of the time`);
  console.log(`longest tasks: ${tasks.slice(0, 5).map(show).join(', ')}`);
  console.log(`tasks of 50 ms and more, by PerformanceObserver: ${long.length}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

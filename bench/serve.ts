/**
 * A server under load: requests a second and response times over numbers of clients and sizes of a pass, responses beyond the
 * queue, and memory over many requests.
 *
 *     npm run bench -- serve                              the tutorial's generator (64 filters, 28×28), two threads
 *     npm run bench -- serve --seconds 5 --threads 1
 *     npm run bench -- serve --memory 100000              so many requests to a tiny generator, and the memory meanwhile
 *
 * Server, its model and the clients are on this machine and share its cores. Health checks are sent every 100 ms beside the load.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { dcganGenerator, useBackend } from 'tfjs-gan';
import 'tfjs-gan/node';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';

const options = readOptions({
  threads: availableParallelism(),
  seconds: 10,
  memory: 0,
  clients: '1,8,64',
  batch: '1,8,32',
});
const folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-'));
await useBackend('cpu');
const shape = options.memory > 0 ? ([8, 8, 1] as const) : ([28, 28, 1] as const);
const generator = dcganGenerator({ imageShape: shape, baseFilters: options.memory > 0 ? 2 : 64 });
await generator.save(`file://${folder}`);
generator.dispose();
try {
  if (options.memory > 0) await measureMemory(options.memory);
  else await measureLoad();
} finally {
  await rm(folder, { recursive: true });
}

async function measureLoad(): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const batch of options.batch.split(',').map(Number)) {
    const server = await startServer(batch);
    await load(server.url, { clients: 4, isOver: (seconds) => seconds > 2 });
    for (const clients of options.clients.split(',').map(Number)) {
      const seen = await load(server.url, { clients, isOver: (s) => s > options.seconds });
      rows.push([
        ...[batch, clients, (seen.statuses.get(200)! / seen.seconds).toFixed(0)],
        ...[quantile(seen.times, 0.5), quantile(seen.times, 0.99)],
        ...[quantile(seen.health, 0.99), statusesOf(seen.statuses)],
      ]);
    }
    if (batch === 8) {
      const flood = await load(server.url, {
        clients: 40,
        isOver: (seconds) => seconds > options.seconds,
        path: '/samples.png?count=64&seed=',
      });
      rows.push([
        ...[batch, '40 × 64 images', (flood.statuses.get(200)! / flood.seconds).toFixed(1)],
        ...[quantile(flood.times, 0.5), quantile(flood.times, 0.99)],
        ...[quantile(flood.health, 0.99), statusesOf(flood.statuses)],
      ]);
    }
    await server.stop();
  }
  const head = ['pass', 'clients', 'requests / s', 'p50, ms', 'p99, ms'];
  console.log(table([...head, 'health p99, ms', 'responses'], rows));
}

async function measureMemory(requests: number): Promise<void> {
  const server = await startServer(8);
  // Row by row, so that its growth shows during the run.
  console.log(table(['requests', 'resident memory, MiB', 'requests / s', 'responses'], []));
  let done = 0;
  while (done < requests) {
    const part = Math.min(10_000, requests - done);
    const seen = await load(server.url, { clients: 32, isOver: (_, sent) => sent >= part });
    done += part;
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const bytes = Number(/^process_resident_memory_bytes (\d+)$/m.exec(metrics)![1]);
    const row = [done, (bytes / 2 ** 20).toFixed(1), (part / seen.seconds).toFixed(0)];
    console.log(`| ${[...row, statusesOf(seen.statuses)].join(' | ')} |`);
  }
  await server.stop();
}

async function startServer(
  batch: number,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const program = new URL('serve-process.ts', import.meta.url).pathname;
  const words = ['--path', folder, '--threads', String(options.threads), '--batch', String(batch)];
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url,
    stop: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** What clients saw. */
interface Seen {
  readonly seconds: number;
  /** Milliseconds of responses with status 200. */
  readonly times: readonly number[];
  readonly health: readonly number[];
  readonly statuses: ReadonlyMap<number, number>;
}

/** Clients that each send a request when the last one has its response. */
async function load(
  url: string,
  of: {
    readonly clients: number;
    readonly isOver: (seconds: number, sent: number) => boolean;
    readonly path?: string;
  },
): Promise<Seen> {
  const { clients, isOver, path = '/samples.png?seed=' } = of;
  const agent = new Agent({ keepAlive: true });
  const [times, health]: number[][] = [[], []];
  const statuses = new Map<number, number>();
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let [sent, isRunning] = [0, true];
  const checks = (async () => {
    while (isRunning) {
      health!.push((await timed(`${url}/healthz`, agent)).milliseconds);
      await wait(100);
    }
  })();
  const client = async (): Promise<void> => {
    while (!isOver(elapsed(), sent)) {
      sent += 1;
      const { status, milliseconds } = await timed(`${url}${path}${sent}`, agent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 200) times!.push(milliseconds);
      // What Retry-After says, in a tenth of the time.
      else await wait(100);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = elapsed();
  isRunning = false;
  await checks;
  agent.destroy();
  return { seconds, times: times!, health: health!, statuses };
}

function timed(
  url: string,
  agent: Agent,
): Promise<{ readonly status: number; readonly milliseconds: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const request = get(url, { agent }, (response) => {
      response.resume().on('end', () => {
        resolve({ status: response.statusCode!, milliseconds: performance.now() - start });
      });
    });
    request.on('error', reject);
  });
}

function quantile(numbers: readonly number[], share: number): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(1);
}

function statusesOf(statuses: ReadonlyMap<number, number>): string {
  return [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
}

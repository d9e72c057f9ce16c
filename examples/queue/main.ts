// What you learn: many processes generate samples from a queue, and no crash loses or doubles one.
// Run it: npm run example -- queue (needs redis-server; --part work, here or elsewhere, helps)
// In about half a minute, runs/queue/ has 20,000 digits in chunks/ and samples.npy. --metrics 9464
// serves numbers for Prometheus meanwhile.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ConnectionOptions, Queue, Worker } from 'bullmq';
import { mergeChunks } from 'tfjs-gan/node';
import { choice, count, text } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import type { ChunkTask } from './chunk-worker.ts';

const QUEUE = 'tfjs-gan-samples';
const OURS = fileURLToPath(new URL('../load-and-sample/generator', import.meta.url));

const flags = {
  model: text(OURS, 'folder with model.json and its weights, which every process can read'),
  samples: count(20_000, 'samples'),
  chunkSize: count(256, 'samples of a chunk'),
  workers: count(2, 'processes that are started here'),
  redis: text('redis://127.0.0.1:6379', 'address of Redis'),
  lock: count(30, 'seconds after which the chunk of a dead process goes to another one'),
  metrics: count(undefined, 'port of http://127.0.0.1:N/metrics; none if left out'),
  part: choice(
    'all',
    ['all', 'add', 'work'],
    'all; add: add chunks and wait; work: generate chunks until SIGTERM',
  ),
};

await lesson('queue', flags, { samples: 1000, chunkSize: 100, lock: 3 }, async (settings) => {
  const { part, workers, redis } = settings;
  await checkReachable(redis);
  if (part === 'work') return work(settings);
  const children =
    part === 'all' ? Array.from({ length: workers }, () => startWorker(settings)) : [];
  const ends = children.map(async (child) => once(child, 'exit'));
  // The others do the work of one that was killed, but nobody does that of all.
  const abandoned = new AbortController();
  const reason = new Error('No process is left that generates chunks');
  if (part === 'all') void Promise.all(ends).then(() => abandoned.abort(reason));
  const queue = new Queue<ChunkTask>(QUEUE, { connection: connection(redis) });
  queue.on('error', () => undefined); // Redis is away; BullMQ connects again by itself.
  const server = metricsServer(queue, settings);
  try {
    const { metrics } = settings;
    if (metrics !== undefined) await once(server.listen(metrics, '127.0.0.1'), 'listening');
    await add(queue, settings, abandoned.signal);
  } finally {
    server.close();
    await queue.close();
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(ends);
  }
});

interface Settings {
  readonly model: string;
  readonly samples: number;
  readonly chunkSize: number;
  readonly redis: string;
  readonly lock: number;
  readonly metrics: number | undefined;
  readonly seed: number;
  readonly out: string;
}

/**
 * Adds every chunk that has no file yet, until all have one. Files decide, not the queue: it may
 * forget what was in it when Redis restarts, and whoever makes a chunk twice finds it there.
 */
async function add(
  queue: Queue<ChunkTask>,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  const { model, samples, chunkSize, seed, out } = settings;
  const { folder, chunks } = placeOf(settings);
  const job = { folder, count: samples, seed, chunkSize };
  const id = createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 12);
  const begin = performance.now();
  let missing = await missingChunks(folder, chunks);
  console.log(`${missing.length} of ${chunks} chunks to generate`);
  while (missing.length > 0) {
    await queue.clean(0, 0, 'failed');
    await queue.addBulk(
      missing.map((chunk) => ({
        name: 'chunk',
        data: { model: resolve(model), job, chunk, of: chunks },
        // A chunk that is waiting already is not added again.
        opts: { jobId: `${id}-${chunk}`, attempts: 3, removeOnComplete: true },
      })),
    );
    while ((await queue.getJobCountByTypes('waiting', 'active', 'delayed')) > 0) {
      signal.throwIfAborted();
      await sleep(200);
    }
    const left = await missingChunks(folder, chunks);
    if (left.length === missing.length) {
      const [failed] = await queue.getFailed(0, 0);
      throw new Error(`No chunk could be generated: ${failed?.failedReason ?? 'unknown reason'}`);
    }
    missing = left;
  }
  const seconds = (performance.now() - begin) / 1000;
  const path = join(out, 'samples.npy');
  const merged = await mergeChunks(folder, { path });
  console.log(`${merged.samples} samples in ${seconds.toFixed(1)} s; look at ${path}`);
  console.log(`sha256 ${merged.sha256}`);
}

/** Generates chunks until SIGTERM, and finishes the one it is at. */
async function work({ redis, lock }: Settings): Promise<void> {
  // The model runs in a thread, so that this one always can renew the lock of its chunk.
  const worker = new Worker<ChunkTask>(QUEUE, new URL('thread.js', import.meta.url), {
    connection: connection(redis),
    useWorkerThreads: true,
    concurrency: 1,
    lockDuration: lock * 1000,
    stalledInterval: (lock * 1000) / 3,
    maxStalledCount: 5,
  });
  worker.on('error', () => undefined); // As above.
  worker.on('completed', ({ data }) => console.log(`process ${process.pid}: chunk ${data.chunk}`));
  worker.on('failed', (_, error) => console.error(error.message));
  await worker.waitUntilReady();
  console.log(`process ${process.pid} is ready`);
  await once(process, 'SIGTERM');
  await worker.close();
}

function startWorker({ redis, lock }: Settings): ChildProcess {
  const given = ['--part', 'work', '--redis', redis, '--lock', String(lock)];
  return spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1, 2), ...given], {
    stdio: 'inherit',
  });
}

function placeOf({ out, samples, chunkSize }: Settings): { folder: string; chunks: number } {
  return { folder: resolve(out, 'chunks'), chunks: Math.ceil(samples / chunkSize) };
}

async function missingChunks(folder: string, chunks: number): Promise<number[]> {
  const names = new Set(await readdir(folder).catch(() => []));
  const nameOf = (chunk: number): string => `chunk-${String(chunk).padStart(6, '0')}.safetensors`;
  return Array.from({ length: chunks }, (_, chunk) => chunk).filter((c) => !names.has(nameOf(c)));
}

/** Numbers that Prometheus reads: jobs by state, as BullMQ counts them, and chunks. */
function metricsServer(queue: Queue, settings: Settings): Server {
  const { folder, chunks } = placeOf(settings);
  const page = async (): Promise<string> => {
    const jobs = await queue.exportPrometheusMetrics();
    const missing = (await missingChunks(folder, chunks)).length;
    return `${jobs}\nsample_chunks ${chunks}\nsample_chunks_missing ${missing}\n`;
  };
  return createServer((request, response) => {
    if (request.url !== '/metrics') return response.writeHead(404).end();
    return void page().then(
      (text) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text),
      () => response.writeHead(503).end(),
    );
  });
}

function connection(url: string): ConnectionOptions {
  // As long as it takes: a restart of Redis is no reason to end.
  return { url, maxRetriesPerRequest: null };
}

async function checkReachable(redis: string): Promise<void> {
  const { hostname, port } = new URL(redis);
  const socket = connect({ host: hostname, port: Number(port || 6379) });
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw new Error(
      `Cannot reach Redis at ${redis}: ${String(error)}. Start one: redis-server --appendonly yes`,
      { cause: error },
    );
  } finally {
    socket.destroy();
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Generator } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { mergeChunks, sampleChunks } from 'tfjs-gan/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { hasPrograms } from '../support/programs.ts';
import { runExample, startExample } from './run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = 'queue';
const model = fileURLToPath(new URL('../../examples/load-and-sample/generator', import.meta.url));

describe.skipIf(!hasPrograms('redis-server'))('npm run example -- queue', () => {
  let port: number;
  let redis: ChildProcess;
  let flags: readonly string[];

  async function startRedis(folder: string): Promise<void> {
    const kept = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--dir', folder];
    redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', ...kept]);
    for (;;) {
      const socket = connect(port, '127.0.0.1');
      const [event] = await Promise.race([
        once(socket, 'connect').then(() => ['connect']),
        once(socket, 'close').then(() => ['close']),
      ]).catch(() => ['error']);
      socket.destroy();
      if (event === 'connect') return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function killRedis(): Promise<void> {
    redis.kill('SIGKILL');
    await once(redis, 'exit');
  }

  beforeAll(async () => {
    port = await freePort();
    flags = ['--quick', '--redis', `redis://127.0.0.1:${port}`];
  });

  afterAll(async () => {
    if (redis.exitCode === null) await killRedis();
  });

  test('says how to start Redis if there is none', async () => {
    const { code, errors } = await runExample(script, flags);
    expect(code).toBe(1);
    expect(errors).toContain('Start one: redis-server');
  });

  test('makes the samples of one process, though a worker and Redis are killed', async () => {
    const [whole, folder, store] = [
      await temporaryFolder(),
      await temporaryFolder(),
      await temporaryFolder(),
    ];
    await wasmTrain({ threads: 1 }).activate();
    using generator = await Generator.load(`file://${model}`);
    await sampleChunks(generator, { folder: whole, count: 4000, seed: 42, chunkSize: 50 });
    const { sha256 } = await mergeChunks(whole);

    await startRedis(store);
    const metrics = String(await freePort());
    const size = ['--samples', '4000', '--chunk-size', '50', '--metrics', metrics];
    const adding = startExample(script, [...flags, '--part', 'add', ...size, '--out', folder]);
    await adding.printed('80 of 80 chunks to generate');
    const workers = [1, 2].map(() => startExample(script, [...flags, '--part', 'work']));
    await workers[0]!.printed(': chunk ');
    const numbers = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    expect(numbers).toMatch(/^bullmq_job_count\{.*state="waiting".*\} \d+$/m);
    expect(Number(/^sample_chunks_missing (\d+)$/m.exec(numbers)?.[1])).toBeLessThan(80);

    workers[0]!.kill('SIGKILL');
    await killRedis();
    await startRedis(store);
    const { code, output } = await adding.ended;
    expect(code).toBe(0);
    expect(output).toContain(`sha256 ${sha256}\n`);
    workers[1]!.kill('SIGTERM');
    expect((await workers[1]!.ended).code).toBe(0);
  });

  test('ends with code 1 if all its workers have died, or none can load the model', async () => {
    const out = await temporaryFolder();
    const none = ['--workers', '1', '--model', join(out, 'none'), '--out', out];
    const { code, errors } = await runExample(script, [...flags, ...none]);
    expect(code).toBe(1);
    expect(errors).toContain('No chunk could be generated: Cannot load');
    const run = startExample(script, [
      ...flags,
      '--workers',
      '1',
      '--samples',
      '9000',
      '--out',
      out,
    ]);
    await run.printed(': chunk ');
    const [, pid] = /process (\d+) is ready/.exec(run.output()) ?? [];
    process.kill(Number(pid), 'SIGKILL');
    const ended = await run.ended;
    expect(ended.code).toBe(1);
    expect(ended.errors).toContain('No process is left that generates chunks');
  });

  test('starts workers itself, and finds what is there', async () => {
    const out = await temporaryFolder();
    const first = await runExample(script, [...flags, '--out', out]);
    expect({ code: first.code, errors: first.errors }).toEqual({ code: 0, errors: '' });
    const again = await runExample(script, [...flags, '--out', out]);
    expect(again.output).toContain('0 of 10 chunks to generate');
    const sumOf = (text: string): string | undefined => /sha256 (\w{64})/.exec(text)?.[1];
    expect(sumOf(again.output)).toBe(sumOf(first.output));
    expect(sumOf(first.output)).toBeDefined();
  });
});

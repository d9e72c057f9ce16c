import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWganGp, type TrainerSnapshot } from 'tfjs-gan';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { catchWarnings } from '../support/catch-warnings.ts';
import { freePort } from '../support/free-port.ts';
import { hasSlurm, startSlurm } from '../support/slurm.ts';
import { hasPythonModule } from './python.ts';
import {
  copyRun,
  difference,
  prepareRun,
  type PreparedRun,
  type Recipe,
  restored,
  train,
} from './torch-training.ts';

/** Batch norm in the generator, a penalty on gradients in the critic, an average. */
const recipe: Recipe = {
  create: () =>
    createWganGp({
      imageShape: [8, 8, 1],
      baseFilters: 4,
      latentSize: 6,
      updatesPerStep: { discriminator: 2 },
      ema: { decay: 0.9 },
    }),
  sampleShape: [8, 8, 1],
};

let root: string;
let prepared: PreparedRun;
/** The run of two processes that nothing disturbs. */
let undisturbed: TrainerSnapshot;

const copy = (name: string): Promise<PreparedRun> => copyRun(prepared, join(root, name));

/** All numbers of a state. */
function numbersOf({ networks, optimizers, parts, random, cursor }: TrainerSnapshot): object {
  return { networks, optimizers, parts, random, cursor };
}

/** The processes that a program has started and that run train.py. */
function workersOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return children.map(Number).filter((child) => {
    return readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('train.py');
  });
}

describe.skipIf(!hasPythonModule('torch'))('torchrun train.py (needs python3-torch)', () => {
  catchWarnings();

  beforeAll(async () => {
    await wasmTrain({ threads: 1 }).activate();
    root = await mkdtemp(join(tmpdir(), 'tfjs-gan-torchrun-'));
    prepared = await prepareRun(join(root, 'prepared'), recipe);
    const run = await copy('two');
    const { code, stderr } = await train(run, { processes: 2 });
    expect(code, stderr).toBe(0);
    undisturbed = await restored(run);
  });
  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  test('gives what a trainer gives, on two processes', () => {
    const { expected } = prepared;
    for (const network of ['generator', 'discriminator'] as const) {
      const [wanted, got] = [expected.networks[network], undisturbed.networks[network]];
      expect(difference(wanted, got)).toBeLessThan(1e-6);
    }
    expect(
      difference(expected.parts['ema/generator']!, undisturbed.parts['ema/generator']!),
    ).toBeLessThan(1e-6);
    const { cursor, random, updates, samples } = expected;
    expect(undisturbed).toMatchObject({ cursor, random, updates, samples });
  });

  test('survives a process that is killed: the same bits as undisturbed', async () => {
    const run = await copy('killed');
    let isKilled = false;
    const { code, stdout } = await train(run, {
      processes: 2,
      launcher: ['--max_restarts', '1'],
      given: ['--checkpoint-every', '5'],
      onStep: (step, pid) => {
        if (isKilled || step < 12) return;
        isKilled = true;
        process.kill(workersOf(pid)[1]!, 'SIGKILL');
      },
    });
    expect(code).toBe(0);
    expect(stdout.match(/"event": "step", "step": 11,/g)).toHaveLength(2);
    expect(numbersOf(await restored(run))).toEqual(numbersOf(undisturbed));
  });

  test('writes a checkpoint on SIGTERM, and continues from it bit-for-bit', async () => {
    const [whole, parted] = [await copy('whole'), await copy('parted')];
    expect((await train(whole)).code).toBe(0);
    const stopped = await train(parted, {
      onStep: (step, pid) => {
        if (step === 8) process.kill(pid, 'SIGTERM');
      },
    });
    expect(stopped.code).toBe(143);
    expect(stopped.stdout).toMatch(/"event": "checkpoint", "name": "0002-step-\d+"}\n$/);
    expect((await restored(parted)).step).toBeLessThan(parted.until);
    expect((await train(parted)).code).toBe(0);
    expect(numbersOf(await restored(parted))).toEqual(numbersOf(await restored(whole)));
  });

  test('gives the same bits with the variables of Slurm', async () => {
    const run = await copy('slurm');
    const shared = { SLURM_NTASKS: '2', MASTER_PORT: String(await freePort()) };
    const tasks = ['0', '1'].map((task) =>
      train(run, { env: { ...shared, SLURM_PROCID: task, SLURM_LOCALID: task } }),
    );
    expect((await Promise.all(tasks)).map(({ code }) => code)).toEqual([0, 0]);
    expect(numbersOf(await restored(run))).toEqual(numbersOf(undisturbed));
  });

  test.skipIf(!hasSlurm())('gives the same bits under srun', async () => {
    const run = await copy('srun');
    const slurm = await startSlurm(join(root, 'daemons'));
    try {
      const starter = ['srun', '--quiet', '--ntasks=2', '--mpi=none'];
      const { code, stderr } = await train(run, { starter, env: slurm.env });
      expect(code, stderr).toBe(0);
    } finally {
      await slurm.stop();
    }
    expect(numbersOf(await restored(run))).toEqual(numbersOf(undisturbed));
  });

  test('normalizes the rows of each process alone, if told so', async () => {
    const run = await copy('local');
    const given = ['--batch-norm', 'local'];
    const { code, stderr } = await train(run, { processes: 2, given });
    expect(code, stderr).toBe(0);
    const { networks, step } = await restored(run);
    expect(step).toBe(run.until);
    expect(difference(undisturbed.networks.generator, networks.generator)).toBeGreaterThan(1e-5);
    const alone = [
      'import torch',
      'from tfjs_gan import ranks',
      'from tfjs_gan.layers import BatchNorm',
      'ranks.mean = None',
      'ours, theirs = BatchNorm(3, eps=1e-3, momentum=0.9), torch.nn.BatchNorm2d(3, eps=1e-3)',
      'ours.synced, x = False, torch.randn(4, 3, 5, 5) + 2',
      'print((ours(x) - theirs(x)).abs().max().item() < 1e-5)',
    ].join('\n');
    const options = { cwd: run.folder, encoding: 'utf8' } as const;
    expect(execFileSync('/usr/bin/python3', ['-c', alone], options).trim()).toBe('True');
  });

  test('refuses processes that were started differently', async () => {
    const run = await copy('different');
    const shared = {
      WORLD_SIZE: '2',
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: String(await freePort()),
    };
    const [one] = await Promise.all(
      ['0', '1'].map((rank) =>
        train({ ...run, until: run.until + Number(rank) }, { env: { ...shared, RANK: rank } }),
      ),
    );
    expect(one!.code).toBe(1);
    expect(one!.stderr).toMatch(/all processes must have the same plan, got .* in process 0 and/);
  });

  test('refuses a batch that cannot be divided', async () => {
    const { code, stderr } = await train(await copy('odd'), {
      processes: 2,
      given: ['--batch-size', '15'],
    });
    expect(code).toBe(1);
    expect(stderr).toContain('--batch-size must be a multiple of the 2 processes, got 15');
  });
});

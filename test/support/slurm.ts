import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { hasPrograms } from './programs.ts';

/** Whether Slurm can be started here: Debian's slurm-wlm and munge, and the right to run its daemons. */
export function hasSlurm(): boolean {
  return process.getuid?.() === 0 && hasPrograms('munged', 'slurmctld', 'slurmd', 'sbatch', 'srun');
}

/** Slurm on this machine alone, with two processors. */
export interface Slurm {
  /** What its commands need in their environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs one of its commands; returns what it printed. */
  run(command: string, ...given: readonly string[]): string;
  stop(): Promise<void>;
}

/** Starts Slurm's daemons, which keep all they write in a folder. */
export async function startSlurm(folder: string): Promise<Slurm> {
  const at = (name: string): string => join(folder, name);
  for (const name of ['state', 'spool']) await mkdir(at(name), { recursive: true });
  await chmod(folder, 0o755);
  await writeFile(at('munge.key'), randomBytes(1024), { mode: 0o600 });
  const [name = ''] = hostname().split('.');
  const settings = {
    ClusterName: 'local',
    SlurmctldHost: `${name}(127.0.0.1)`,
    SlurmUser: 'root',
    SlurmdUser: 'root',
    AuthInfo: `socket=${at('munge.socket')}`,
    SlurmctldPort: await freePort(),
    SlurmdPort: await freePort(),
    StateSaveLocation: at('state'),
    SlurmdSpoolDir: at('spool'),
    SlurmctldPidFile: at('slurmctld.pid'),
    SlurmdPidFile: at('slurmd.pid'),
    ProctrackType: 'proctrack/linuxproc',
    TaskPlugin: 'task/none',
    SelectType: 'select/cons_tres',
    SchedulerParameters: 'batch_sched_delay=0,sched_interval=1',
    // Two processors are there, whatever this machine has.
    SlurmdParameters: 'config_overrides',
  };
  const lines = [
    ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    `NodeName=${name} NodeAddr=127.0.0.1 CPUs=2`,
    'PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE',
  ];
  await writeFile(at('slurm.conf'), `${lines.join('\n')}\n`);
  const env = { SLURM_CONF: at('slurm.conf') };
  const daemons: ChildProcess[] = [];
  const start = (command: string, ...given: readonly string[]): void => {
    daemons.push(spawn(command, given, { env: { ...process.env, ...env }, stdio: 'ignore' }));
  };
  const run = (command: string, ...given: readonly string[]): string =>
    execFileSync(command, given, { env: { ...process.env, ...env }, encoding: 'utf8' });
  const files = ['key-file', 'socket', 'pid-file', 'log-file', 'seed-file'];
  const named = ['munge.key', 'munge.socket', 'munged.pid', 'munged.log', 'munge.seed'];
  // It would refuse folders that others may write to, such as that of temporary files.
  start(
    'munged',
    '--foreground',
    '--force',
    ...files.map((file, i) => `--${file}=${at(named[i]!)}`),
  );
  start('slurmctld', '-D');
  start('slurmd', '-D');
  const stop = async (): Promise<void> => {
    for (const daemon of daemons.toReversed()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      daemon.kill('SIGTERM');
      await once(daemon, 'exit');
    }
  };
  for (let attempts = 0; attempts < 120; attempts += 1) {
    if (isIdle(run)) return { env, run, stop };
    await sleep(500);
  }
  await stop();
  throw new Error('Slurm has not become ready within a minute');
}

function isIdle(run: Slurm['run']): boolean {
  try {
    return run('sinfo', '--noheader', '--format=%T').trim() === 'idle';
  } catch {
    return false;
  }
}

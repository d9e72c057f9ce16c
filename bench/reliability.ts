/**
 * What a run survives: faults, how often each was tried, how often the run came through.
 *
 *     npm run bench -- reliability               a table
 *     npm run bench -- reliability --kills 50    more or fewer kills (default 50)
 *
 * A kill counts as survived if the run continues from the last step that it said was written, or the one after; at the
 * end, weights, moments, random states and the place in the data must be those of a run that nobody disturbed, to the
 * bit. A full disk needs root, for a small tmpfs; without it that line is left out.
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Random } from '../src/core/random.ts';
import { lastNumber, startRun } from '../test/support/start-run.ts';
import { readOptions } from './shared/options.ts';

const random = new Random(1);
const root = await mkdtemp(join(tmpdir(), 'tfjs-gan-reliability-'));
const results: [fault: string, times: number, survived: number][] = [];

try {
  await kills(readOptions({ kills: 50 }).kills);
  await damage();
  await fullDisk();
} finally {
  await rm(root, { recursive: true, force: true });
}
for (const [fault, times, survived] of results) {
  console.log(`| ${fault} | ${times} | ${survived} |`);
}

async function kills(times: number): Promise<void> {
  const folder = join(root, 'killed');
  let [written, survived] = [0, 0];
  for (let kill = 0; kill < times; kill += 1) {
    const run = startRun([folder, 1e6]);
    await run.said('from ');
    await setTimeout(400 * random.uniform());
    run.kill('SIGKILL');
    const end = await run.ended;
    const from = lastNumber(end, 'from');
    const inOrder = end.errors === '' && (from === written || from === written + 1);
    if (inOrder && end.signal === 'SIGKILL') survived += 1;
    else console.error(`kill ${kill}: from ${from} after ${written}, ${end.errors}`);
    written = Math.max(lastNumber(end, 'wrote'), from);
  }
  results.push(['`kill -9` at a random moment, a checkpoint after every step', times, survived]);
  const last = (await startRun([folder, written + 10]).ended).lines.at(-1);
  const undisturbed = await startRun([join(root, 'undisturbed'), written + 10]).ended;
  const same = last?.startsWith('ended') === true && last === undisturbed.lines.at(-1);
  results.push([`the state after ${written + 10} steps is that of the undisturbed run`, 1, +same]);
}

/** Each file of the newest checkpoint flipped, cut, emptied and lost: the one before must be taken, and said. */
async function damage(): Promise<void> {
  const folder = join(root, 'undisturbed');
  const [newest = ''] = (await readdir(join(folder, 'checkpoints'))).sort().reverse();
  const before = Number(newest.split('-')[2]) - 1;
  const harms: Record<string, (path: string, bytes: Buffer) => Promise<void>> = {
    'one bit flipped': (path, bytes) => {
      const at = random.integer(bytes.length);
      bytes[at] = bytes[at]! ^ (1 << random.integer(8));
      return writeFile(path, bytes);
    },
    'cut at a random byte': (path, bytes) => truncate(path, random.integer(bytes.length)),
    'overwritten with zeros': (path, bytes) => writeFile(path, new Uint8Array(bytes.length)),
    removed: (path) => rm(path),
  };
  for (const [what, harm] of Object.entries(harms)) {
    let [times, survived] = [0, 0];
    for (const file of ['weights.safetensors', 'state.json', 'SHA256SUMS']) {
      for (let round = 0; round < 2; round += 1) {
        const copy = join(root, 'damaged');
        await cp(folder, copy, { recursive: true });
        const path = join(copy, 'checkpoints', newest, file);
        await harm(path, await readFile(path));
        const { lines, errors } = await startRun([copy, before + 2]).ended;
        times += 1;
        const said = errors.includes(`because newer checkpoints are damaged:\n  ${newest}: `);
        if (lines[0] === `from ${before}` && said) survived += 1;
        else console.error(`${what}, ${file}: ${lines[0]}, ${errors}`);
        await rm(copy, { recursive: true });
      }
    }
    results.push([
      `a file of the newest checkpoint ${what}: the one before is taken`,
      times,
      survived,
    ]);
  }
}

/** A disk of 1 MB that other files fill up more and more. */
async function fullDisk(): Promise<void> {
  const disk = await mkdtemp(join(tmpdir(), 'tfjs-gan-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0) {
    console.error('No tmpfs here: a full disk was not tried');
    return;
  }
  try {
    let [times, survived, met] = [0, 0, 0];
    const start = await startRun([disk, 2]).ended;
    if (start.code !== 0) throw new Error(start.errors);
    for (const kilobytes of [760, 680, 600, 550, 500]) {
      const filler = join(disk, 'filler');
      await writeFile(filler, new Uint8Array(1024 * kilobytes)).catch(() => undefined);
      const from = lastNumber(await startRun([disk, 0]).ended, 'from');
      const cramped = await startRun([disk, from + 3]).ended;
      await rm(filler, { force: true });
      const roomy = await startRun([disk, from + 4]).ended;
      times += 1;
      if (cramped.code !== 0) met += 1;
      const clear = cramped.code === 0 || cramped.errors.includes('got a full disk. ');
      if (clear && roomy.code === 0 && lastNumber(roomy, 'ended') === from + 4) survived += 1;
      else console.error(`${kilobytes} kB: ${cramped.errors}, ${roomy.errors}`);
    }
    results.push([
      `a disk filled up (${met} runs met it full): a clear error, and the run continues with room`,
      times,
      survived,
    ]);
  } finally {
    spawnSync('umount', [disk]);
    await rm(disk, { recursive: true });
  }
}

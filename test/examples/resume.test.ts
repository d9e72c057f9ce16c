import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runExample, runWell, startExample } from './run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = 'resume';

describe('npm run example -- resume', () => {
  test('kills a run, continues, and ends as if nothing had happened', async () => {
    const { out, output } = await runWell(script, '--quick');
    expect(output).toContain('the run ended by SIGKILL, after step 5 of 8');
    expect(output).toMatch(/continuing from step [3-7]\n/);
    expect(output).toContain('0 is the largest difference of any pixel');
    const side = gridSide(8, 28, 2);
    await expectPng(join(out, 'killed.png'), { width: side, height: side, channels: 1 });
    const [killed, undisturbed] = await Promise.all(
      ['killed.png', 'undisturbed.png'].map((name) => readFile(join(out, name))),
    );
    expect(killed?.equals(undisturbed!)).toBe(true);
  });

  test('continues with the part that trains, when it is started again', async () => {
    const out = await temporaryFolder();
    const flags = ['--quick', '--part', 'train', '--every', '1', '--out', out];
    const first = startExample(script, flags);
    await first.printed('finished step 4\n');
    first.kill('SIGKILL');
    await first.ended;
    const { code, output } = await runExample(script, flags);
    expect(code).toBe(0);
    expect(output).toMatch(/continuing from step [3-8]\n/);
  });
});

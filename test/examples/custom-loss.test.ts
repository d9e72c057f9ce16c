import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runExample, runWell } from './run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = 'custom-loss';

describe('npm run example -- custom-loss', () => {
  test('trains with the loss it defines and draws every point', async () => {
    const { out, output } = await runWell(script, '--quick');
    expect(output).toMatch(/of 8 clusters found; \d+% of the points lie in one/);
    const picture = await readFile(join(out, 'points.svg'), 'utf8');
    expect(picture).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    expect(picture).not.toContain('NaN');
    // 2,000 samples and 8 centers
    expect(picture.match(/<circle /g)).toHaveLength(2008);
  });

  test('finds most clusters when it trains a little longer', async () => {
    const out = await temporaryFolder();
    const { code, output } = await runExample(script, ['--steps', '600', '--out', out]);
    expect(code).toBe(0);
    const found = Number(/(\d+) of 8 clusters/.exec(output)?.[1]);
    expect(found).toBeGreaterThanOrEqual(5);
  });

  test('says what it can do', async () => {
    const { code, output } = await runExample(script, ['--help']);
    expect(code).toBe(0);
    for (const flag of ['--quick', '--steps N', '--seed N', '--out TEXT']) {
      expect(output).toContain(flag);
    }
  });

  test('refuses a bad flag with code 2', async () => {
    const { code, errors } = await runExample(script, ['--steps', '-3']);
    expect(errors).toContain('Cannot start: ');
    expect(code).toBe(2);
  });

  test('fails at once with code 1 if it cannot write', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const { code, output } = await runExample(script, ['--quick', '--out', join(file, 'run')]);
    expect(output).toBe('');
    expect(code).toBe(1);
  });
});

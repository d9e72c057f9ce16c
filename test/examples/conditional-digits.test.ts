import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runExample, temporaryFolder } from './run.ts';

describe('npm run example -- conditional-digits', () => {
  test.each(['projection', 'auxiliary'])('%s: requests digits and evaluates them', async (how) => {
    const out = await temporaryFolder();
    const flags = ['--quick', '--conditioning', how, '--out', out];
    const { code, output, errors } = await runExample('conditional-digits', flags);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^frechet \d/m);
    expect(output).toContain('Three threes from the file: [3, 28, 28, 1]');
    const side = gridSide(10, 28, 2);
    await expectPng(join(out, 'samples.png'), { width: side, height: side, channels: 1 });
    await access(join(out, 'morph.png'));
    await access(join(out, 'generator', 'model.json'));
  });
});

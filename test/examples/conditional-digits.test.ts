import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- conditional-digits', () => {
  test.each(['projection', 'auxiliary'])('%s: requests digits and evaluates them', async (how) => {
    const { out, output } = await runWell('conditional-digits', '--quick', '--conditioning', how);
    expect(output).toMatch(/^frechet \d/m);
    expect(output).toContain('Three threes from the file: [3, 28, 28, 1]');
    const side = gridSide(10, 28, 2);
    await expectPng(join(out, 'samples.png'), { width: side, height: side, channels: 1 });
    await access(join(out, 'morph.png'));
    await access(join(out, 'generator', 'model.json'));
  });
});

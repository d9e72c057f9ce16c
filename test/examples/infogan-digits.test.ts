import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- infogan-digits', () => {
  test('draws each value of a code, and a code that goes from left to right', async () => {
    const { out, output } = await runWell('infogan-digits', '--quick');
    expect(output).toMatch(/the code is recognized in \d+\.\d % of the samples/);
    const side = gridSide(10, 28, 2);
    for (const name of ['codes.png', 'continuous.png']) {
      await expectPng(join(out, name), { width: side, height: side, channels: 1 });
    }
  });
});

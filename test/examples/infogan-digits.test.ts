import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runExample, temporaryFolder } from './run.ts';

describe('npm run example -- infogan-digits', () => {
  test('draws each value of a code, and a code that goes from left to right', async () => {
    const out = await temporaryFolder();
    const { code, output, errors } = await runExample('infogan-digits', [
      ...['--quick', '--out', out],
    ]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/the code is recognized in \d+\.\d % of the samples/);
    const side = gridSide(10, 28, 2);
    for (const name of ['codes.png', 'continuous.png']) {
      await expectPng(join(out, name), { width: side, height: side, channels: 1 });
    }
  });
});

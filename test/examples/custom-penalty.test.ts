import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runExample, temporaryFolder } from './run.ts';

describe('npm run example -- custom-penalty', () => {
  test('adds its term to the loss of one of two trainings', async () => {
    const out = await temporaryFolder();
    const flags = ['--quick', '--out', out];
    const { code, output, errors } = await runExample('custom-penalty', flags);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const [without = '', withIt = ''] = output.split('with the penalty');
    expect(without).toMatch(/\{ bce: \d/);
    expect(without).not.toContain('consistency: ');
    expect(withIt).toMatch(/consistency: \d/);
    for (const name of ['without', 'with']) {
      expect(withIt).toMatch(new RegExp(String.raw`^│ ${name} +│ \d[\d.]* +│ \d[\d.]* +│$`, 'm'));
      const side = gridSide(8, 28, 2);
      await expectPng(join(out, `${name}.png`), { width: side, height: side, channels: 1 });
    }
  });
});

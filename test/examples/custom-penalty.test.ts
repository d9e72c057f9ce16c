import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- custom-penalty', () => {
  test('adds its term to the loss of one of two trainings', async () => {
    const { out, output } = await runWell('custom-penalty', '--quick');
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

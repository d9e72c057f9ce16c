import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, expectSheets, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe.each([
  ['emoji-pix2pix', ['translator'], 4, /^SSIM -?0\.\d+ of the translations$/m],
  [
    'emoji-cyclegan',
    ['drawing-to-emoji', 'emoji-to-drawing'],
    6,
    /^SSIM -?0\.\d+ of emoji from drawings; of copies 0\.\d+$/m,
  ],
])('npm run example -- %s', (name, networks, rows, figure) => {
  test('learns from drawings, and translates some that it has not seen', async () => {
    const { out, output } = await runWell(name, '--quick');
    const [, training = '', heldOut = ''] =
      /^(\d+) emoji to learn from, (\d+) others to test with$/m.exec(output) ?? [];
    expect(Number(training)).toBeGreaterThan(3 * Number(heldOut));
    expect(output).toMatch(figure);
    for (const network of networks) await access(join(out, network, 'model.json'));
    const columns = Math.min(16, Number(heldOut));
    const [width, height] = [gridSide(columns, 16, 2), gridSide(rows, 16, 2)];
    await expectPng(join(out, 'emoji.png'), { width, height, channels: 3 });
    await expectSheets(out, width, height, 3);
  });
});

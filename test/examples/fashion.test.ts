import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, expectSheets, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe.each([
  ['fashion-super-resolution', 'translator', 5, /^PSNR \d+\.\d with adversary$/m],
  ['fashion-inpainting', 'inpainter', 4, /^PSNR in the hole \d+\.\d, filled by the network$/m],
])('npm run example -- %s', (name, network, rows, figure) => {
  test('learns from pictures, and shows what it makes of some that it has not seen', async () => {
    const { out, output } = await runWell(name, '--quick');
    expect(output).toMatch(/^64 (clothes|digits) in training$/m);
    expect(output).toMatch(figure);
    await access(join(out, network, 'model.json'));
    await expectSheets(out, gridSide(16, 28, 2), gridSide(4, 28, 2), 1);
    const size = { width: gridSide(16, 28, 2), height: gridSide(rows, 28, 2) };
    await expectPng(join(out, 'clothes.png'), { ...size, channels: 1 });
  });
});

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- emoji-pix2pix', () => {
  test('learns from drawings, and translates some that it has not seen', async () => {
    const { out, output } = await runWell('emoji-pix2pix', '--quick');
    const [, training = '', heldOut = ''] =
      /^(\d+) emoji to learn from, (\d+) others to test with$/m.exec(output) ?? [];
    expect(Number(training)).toBeGreaterThan(3 * Number(heldOut));
    expect(output).toMatch(/^SSIM 0\.\d+; of the drawings themselves 0\.\d+$/m);
    await access(join(out, 'translator', 'model.json'));
    const columns = Math.min(16, Number(heldOut));
    const size = { width: gridSide(columns, 16, 2), height: gridSide(3, 16, 2) };
    await expectPng(join(out, 'emoji.png'), { ...size, channels: 3 });
  });
});

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng } from 'tfjs-gan/node';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runExample, runWell } from './run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = 'own-images';

describe('npm run example -- own-images', () => {
  test('trains on faces it drew, and shows what is said of files that do not fit', async () => {
    const { out, output } = await runWell(script, '--quick');
    expect(output).toContain('Pass resize: true to scale and crop it');
    expect(output).toContain("all images must be PNG or JPEG files, got '");
    expect(output).toContain("a-broken-one.png' must be a valid picture");
    expect(output).toContain("64 pictures of 'pictures' as 16×16×3");
    // The odd files are gone again.
    expect(await readdir(join(out, 'pictures'))).toHaveLength(64);
    const side = gridSide(8, 16, 2);
    for (const name of ['real.png', 'samples.png']) {
      await expectPng(join(out, name), { width: side, height: side, channels: 3 });
    }
  });

  test('takes a folder of a user, in gray', async () => {
    const out = await temporaryFolder();
    const folder = join(out, 'mine');
    await mkdir(folder);
    for (let i = 0; i < 5; i += 1) {
      const data = Uint8Array.from({ length: 20 * 24 * 3 }, (_, at) => (at * (i + 7)) % 256);
      const picture = encodePng({ width: 20, height: 24, channels: 3, data });
      await writeFile(join(folder, `${i}.png`), picture);
    }
    const flags = ['--quick', '--folder', folder, '--channels', '1', '--out', out];
    const { code, output, errors } = await runExample(script, flags);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toContain("5 pictures of 'mine' as 16×16×1");
    const [width, height] = [gridSide(5, 16, 2), gridSide(1, 16, 2)];
    await expectPng(join(out, 'real.png'), { width, height, channels: 1 });
  });
});

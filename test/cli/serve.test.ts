import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageShape } from 'tfjs-gan';
import { unetTranslator } from 'tfjs-gan/image-to-image';
import { decodePng, encodePng } from 'tfjs-gan/node';
import { createCtgan, tableDataset } from 'tfjs-gan/tabular';
import { describe, expect, test } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';
import { serveFolder } from '../../src/cli/serving/serve-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { modelThread } from '../support/model-thread.ts';
import { tinyDcgan } from '../support/tiny-gan.ts';
import { runCli } from './capture.ts';
import { settings, startServer } from './start-server.ts';

async function savedRun(): Promise<string> {
  const run = await temporaryFolder();
  const gan = tinyDcgan({ seed: 3 });
  await gan.generator.save(`file://${run}/generator`);
  gan.dispose();
  return run;
}

describe('npx tfjs-gan serve', () => {
  test('serves the generator of a run, and ends with 0 after SIGTERM', async () => {
    const run = await savedRun();
    const { event, stop } = await startServer(run);
    expect(event).toEqual({
      event: 'serving',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      model: join(run, 'generator'),
    });
    const response = await fetch(`${event.url}/samples.png?seed=1`);
    expect(response.headers.get('content-type')).toBe('image/png');
    await response.arrayBuffer();
    expect(await stop()).toBe(0);
  });

  test('serves a translator', async () => {
    const model = await temporaryFolder();
    const shape: ImageShape = [8, 8, 3];
    const translator = unetTranslator({ sourceShape: shape, targetShape: shape, baseFilters: 2 });
    await translator.save(`file://${model}`);
    translator.dispose();
    const { event, stop } = await startServer(model);
    const data = new Uint8Array(12 * 9 * 3).fill(99);
    const body = encodePng({ width: 12, height: 9, channels: 3, data });
    const response = await fetch(`${event.url}/translate`, {
      method: 'POST',
      body: body as BodyInit,
    });
    const picture = decodePng(new Uint8Array(await response.arrayBuffer()));
    expect([picture.width, picture.height, picture.channels]).toEqual([12, 9, 3]);
    expect(await stop()).toBe(0);
  });

  test('serves the rows of a table', async () => {
    const model = await temporaryFolder();
    const rows = Array.from({ length: 40 }, (_, i) => ({ species: 'ab'[i % 2]!, mass: i }));
    const units = { generatorUnits: [8], discriminatorUnits: [8] };
    const gan = createCtgan({ table: tableDataset(rows), ...units });
    await gan.generator.save(`file://${model}`);
    gan.dispose();
    const { event, stop } = await startServer(model);
    const body = '{"count":3,"where":{"species":"a"}}';
    const response = await fetch(`${event.url}/rows`, { method: 'POST', body });
    const served = (await response.json()) as readonly { readonly species: string }[];
    expect(served.map(({ species }) => species)).toEqual(['a', 'a', 'a']);
    expect(await stop()).toBe(0);
  });

  test('says what is wrong with a damaged model', async () => {
    const run = await savedRun();
    await appendFile(join(run, 'generator', 'weights.bin'), 'more');
    const stdout = { write: () => true };
    const output = createOutput({ json: false, quiet: true }, { stdout, stderr: stdout });
    await expect(serveFolder(run, settings, output, modelThread)).rejects.toThrow(
      /^Cannot load the model: '.*weights\.bin'/,
    );
  });

  test.each([
    [[], 'Cannot serve: MODEL is missing'],
    [
      ['m', '--port', '65536'],
      "Cannot serve: --port must be an integer from 0 to 65535, got '65536'",
    ],
    [['m', '--port', '-1'], "Cannot serve: --port must be an integer from 0 to 65535, got '-1'"],
    [['m', '--max-count', '0'], "Cannot serve: --max-count must be a positive integer, got '0'"],
    [['m', '--max-queued', '8'], 'Cannot serve: maxQueued must be at least maxCount, 256, got 8.'],
    [
      ['m', '--name', 'a/b'],
      "Cannot serve: name must consist of letters, digits, '_', '-' and '.'",
    ],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await runCli('serve', ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

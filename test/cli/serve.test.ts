import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import 'tfjs-gan/node';
import { describe, expect, test, vi } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';
import { serveFolder } from '../../src/cli/serving/serve-folder.ts';
import { temporaryFolder } from '../platforms/node/temporary-folder.ts';
import { modelThread } from '../support/model-thread.ts';
import { tinyDcgan } from '../support/tiny-gan.ts';
import { runCli } from './capture.ts';

/** The settings without any flag, at a free port. */
const settings = {
  port: 0,
  host: '127.0.0.1',
  name: 'generator',
  threads: 1,
  batchSize: 8,
  maxCount: undefined,
  maxQueued: undefined,
  maxBody: undefined,
  maxAge: undefined,
};

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
    const printed: string[] = [];
    const stdout = { write: (text: string) => printed.push(text) };
    const output = createOutput({ json: true, quiet: true }, { stdout, stderr: stdout });
    const ended = serveFolder(run, settings, output, modelThread);
    await expect.poll(() => printed.length, { timeout: 60_000 }).toBe(1);
    const event = JSON.parse(printed[0]!) as { readonly url: string };
    expect(event).toEqual({
      event: 'serving',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      model: join(run, 'generator'),
    });
    const response = await fetch(`${event.url}/samples.png?seed=1`);
    expect(response.headers.get('content-type')).toBe('image/png');
    await response.arrayBuffer();
    // A runner may forward a signal that the program received as well.
    const left = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
    process.emit('SIGTERM');
    process.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(left).not.toHaveBeenCalled();
    left.mockRestore();
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

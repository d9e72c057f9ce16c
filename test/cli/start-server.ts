import { expect, vi } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';
import { serveFolder } from '../../src/cli/serving/serve-folder.ts';
import { modelThread } from '../support/model-thread.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** The settings without any flag, at a free port. */
export const settings = {
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

/** Starts the server; `stop` sends it SIGTERM twice, as a runner may forward what it received as well. */
export async function startServer(model: string): Promise<{
  readonly event: { readonly url: string };
  readonly stop: () => Promise<number>;
}> {
  const handlers = { SIGINT: process.listeners('SIGINT'), SIGTERM: process.listeners('SIGTERM') };
  const printed: string[] = [];
  const stdout = { write: (text: string) => printed.push(text) };
  const output = createOutput({ json: true, quiet: true }, { stdout, stderr: stdout });
  const ended = serveFolder(model, settings, output, modelThread);
  await Promise.race([ended, expect.poll(() => printed.length, { timeout: 200_000 }).toBe(1)]);
  return {
    event: JSON.parse(printed[0]!) as { readonly url: string },
    stop: async () => {
      const left = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
      process.emit('SIGTERM');
      process.emit('SIGTERM');
      const code = await ended;
      expect(left).not.toHaveBeenCalled();
      left.mockRestore();
      // They would end the process at the next signal, as the program would have ended.
      for (const name of signals) {
        const added = process.listeners(name).filter((one) => !handlers[name].includes(one));
        for (const handler of added) process.off(name, handler);
      }
      return code;
    },
  };
}

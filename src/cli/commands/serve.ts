import { type Command, defineCommand } from '../command.ts';
import { count, type Flag, text } from '../flags.ts';

/** A port, or 0 for any free one. */
const port: Flag<number> = {
  value: 8080,
  hint: 'N',
  help: 'port; 0 for any free one',
  expected: 'an integer from 0 to 65535',
  schema: { type: 'integer', minimum: 0, maximum: 65535 },
  read: (typed) => (/^\d{1,5}$/.test(typed) && Number(typed) < 65536 ? Number(typed) : undefined),
};

/** `npx tfjs-gan serve`. */
export const serve: Command = defineCommand({
  name: 'serve',
  summary: 'serves a generator, a translator or a table over HTTP, with a page to try it',
  operands: ['MODEL'],
  flags: {
    port,
    host: text('127.0.0.1', 'address to listen on; 0.0.0.0 lets other machines in', 'ADDRESS'),
    name: text('generator', 'name of the model in the addresses of inference protocols'),
    threads: count<number | undefined>(undefined, 'threads of wasm-train; every core by default'),
    batchSize: count(8, 'samples in each pass of the network'),
    maxCount: count<number | undefined>(undefined, 'most samples of a request; 256 by default'),
    maxQueued: count<number | undefined>(
      undefined,
      'most samples that wait, others get 503; 4 times --max-count by default',
    ),
    maxBody: count<number | undefined>(
      undefined,
      'most bytes of a request, such as a picture to translate; 1,048,576 by default',
    ),
    maxAge: count<number | undefined>(
      undefined,
      'seconds for which samples of a seed may be kept by caches; none by default',
    ),
  },
  examples: ['serve runs/a', 'serve model/ --port 9000 --host 0.0.0.0'],
  run: async ({ operands: [model = ''], settings, output }) => {
    const { serveFolder } = await import('../serving/serve-folder.ts');
    return serveFolder(model, settings, output);
  },
});

/**
 * From nothing to the first step: seconds of import, of choosing the backend, of the first step of a DCGAN (32 filters, batch 64),
 * and until the process has ended by itself. Run on the built package, as a user has it: `npm run build` first.
 *
 *     npm run bench -- start-up
 */
import { lastJson } from './shared/last-json.ts';

const program = `
const start = performance.now();
const seconds = () => Number(((performance.now() - start) / 1000).toFixed(2));
const { createDcgan, datasetFromArray, useBackend } = await import('tfjs-gan');
const imported = seconds();
await useBackend('wasm-train');
const chosen = seconds();
const gan = createDcgan({ imageShape: [28, 28, 1] });
const pixels = new Uint8Array(64 * 784).map((_, i) => i % 256);
await gan.trainer.fit(datasetFromArray(pixels, { sampleShape: [28, 28, 1] }), { steps: 1, batchSize: 64 });
console.log(JSON.stringify({ imported, chosen, firstStep: seconds() }));
`;
const begun = performance.now();
const marks = lastJson(process.execPath, ['--input-type=module', '-e', program]) as object;
const ended = Number(((performance.now() - begun) / 1000).toFixed(2));
console.log(JSON.stringify({ ...marks, ended }));

/** Trains a small DCGAN for five steps on the backend that is named, and prints what came of it. */
import { useBackend, type BackendName } from 'tfjs-gan';
import { blobs, tinyDcgan } from './tiny-gan.ts';

const { name, detail } = await useBackend(process.argv[2] as BackendName);
const gan = tinyDcgan({ seed: 5 });
const { steps } = await gan.trainer.fit(blobs(40), { steps: 5, batchSize: 8 });
gan.dispose();
const losses = steps.flatMap((step) => [step.losses.discriminator, step.losses.generator]);
console.log(JSON.stringify({ name, detail, losses }));

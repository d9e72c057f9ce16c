// The thread of a worker. Node.js 20 starts none with a file of TypeScript, so this one loads it.
import { register } from 'tsx/esm/api';

register();
const { generateChunk } = await import('./chunk-worker.ts');

// eslint-disable-next-line import-x/no-default-export -- BullMQ calls the default export for each job
export default generateChunk;

// What esbuild bundles. The order counts: jasmine's globals, then the specs that declare themselves to it.
import { runSpecs } from './environment.ts';
import '@tensorflow/tfjs-core/dist/tests';

await runSpecs();

/** What our backend needs of `@tensorflow/tfjs`, made of the bundle's one copy of tfjs-core. */
export * from '@tensorflow/tfjs-core';
export { layers } from '@tensorflow/tfjs-layers';

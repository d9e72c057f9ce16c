/** Rooms whose test files share a process: to load TensorFlow.js and `src/` anew for each takes longer than most of them. */
const sharedRooms: readonly string[] = [
  'codecs',
  'constraints',
  'core',
  'data',
  'export',
  'games',
  'gradients',
  'import',
  'io',
  'latent',
  'layers',
  'losses',
  'metrics',
  'models',
  'optimizers',
  'platforms',
  'presets',
  'report',
  'serve',
  'tfjs-internals',
  'training',
  'transforms',
];

/** Files of these rooms that have a process of their own: they change it for good, or expect it as it begins. */
const filesAlone: readonly string[] = [
  'event-loop',
  'first-order',
  'first-step',
  'load-generator',
  'load-mnist',
  'math-random',
  'memory-limit',
  'model-address',
  'on-relaxed-simd',
  'operation-calls',
  'prepared-network',
  'realms',
  'tape',
  'unlisted-weights',
];

/** The test files of some rooms that share a process, as a glob. */
export function sharedTests(rooms: readonly string[] = sharedRooms): string {
  return `test/{${rooms.join(',')}}/**/!(${filesAlone.join('|')}).test.ts`;
}

/**
 * Files that `npm test` leaves to `npm run test:slow`: each took 20 seconds or more on a core of its own. `npx vitest run
 * path` runs any file.
 */
export const slowTests: readonly string[] = [
  'test/backends/wasm-train/kernels-binary.test.ts',
  'test/backends/wasm-train/kernels/on-threads.test.ts',
  'test/backends/wasm-train/kernels/winograd.test.ts',
  'test/backends/webgpu-in-node.test.ts',
  'test/cli/signals.test.ts',
  'test/cli/slurm.test.ts',
  'test/cli/sweep-killed.test.ts',
  'test/cli/sweep.test.ts',
  'test/cli/whole-way.test.ts',
  'test/data/table/large-tables.test.ts',
  'test/demo/demo.test.ts',
  'test/docs/examples.test.ts',
  'test/examples/custom-game.test.ts',
  'test/examples/custom-loss.test.ts',
  'test/examples/mnist-dcgan.test.ts',
  'test/examples/queue.test.ts',
  'test/examples/resume.test.ts',
  'test/export/torch-penalties.test.ts',
  'test/export/torch-training.test.ts',
  'test/export/torch-transforms.test.ts',
  'test/export/torchrun.test.ts',
  'test/op-suite/op-suite.test.ts',
  'test/package/package.test.ts',
  'test/platforms/browser/killed-browser.test.ts',
  'test/platforms/node/checkpoints/real-processes.test.ts',
  'test/presets/tabular/known-mixture.test.ts',
  'test/training/callbacks/alarms.test.ts',
  'test/training/recipes.test.ts',
];

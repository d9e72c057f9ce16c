import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import type { Callback } from 'tfjs-gan';
import { saveImageGrid } from 'tfjs-gan/node';

/**
 * Draws a sheet of test pictures ten times during training, in the folder and by the names in which `runReport` finds samples.
 *
 * @param out - The folder of the run.
 * @param steps - The steps of the run.
 * @param columns - Pictures in a row.
 * @param draw - Makes the pictures of a sheet, row by row.
 */
export function showSheets(
  out: string,
  steps: number,
  columns: number,
  draw: () => tf.Tensor4D,
): Callback {
  const every = Math.ceil(steps / 10);
  return {
    onStepEnd: async ({ number }) => {
      if (number % every !== 0 && number !== steps) return;
      const sheet = draw();
      const file = join(out, 'samples', `step-${String(number).padStart(6, '0')}.png`);
      await saveImageGrid(file, sheet, { columns, scale: 2 });
      sheet.dispose();
    },
  };
}

import { join } from 'node:path';
import { exportWeights } from '../../export/export-weights.ts';
import { exportOnnx } from '../../export/onnx/export-onnx.ts';
import { exportTorch } from '../../export/torch/export-torch.ts';
import { TableGenerator } from '../../models/table/table-generator.ts';
import { writeFileWhole } from '../../platforms/node/write-file.ts';
import type { Output } from '../output.ts';
import { type BackendSettings, startBackend } from '../start-backend.ts';
import { UsageError } from '../usage-error.ts';
import { exportTraining } from './export-training.ts';
import { openModel } from './open-model.ts';

interface ExportFlags extends BackendSettings {
  readonly to: 'onnx' | 'torch' | 'torch-training' | 'safetensors';
  readonly out: string | undefined;
  readonly layout: 'nhwc' | 'nchw';
  readonly pixels: 'values' | 'bytes';
  readonly precision: 'float32' | 'float16';
}

/** `npx tfjs-gan export MODEL`: files for other programs. */
export async function exportModel({
  operands: [operand = ''],
  settings,
  given,
  output,
}: {
  readonly operands: readonly string[];
  readonly settings: ExportFlags;
  readonly given: ReadonlySet<string>;
  readonly output: Output;
}): Promise<undefined> {
  const ofOnnx = ['layout', 'pixels', 'precision'].find((name) => given.has(name));
  if (ofOnnx !== undefined && settings.to !== 'onnx') {
    throw new UsageError(
      `Cannot export: --${ofOnnx} must be used with --to onnx, got ${settings.to}`,
    );
  }
  if (settings.to === 'torch-training') {
    await startBackend(settings, output);
    const { folder, files, unread } = await exportTraining(operand, settings.out);
    await writeFiles(settings.to, folder, files, output);
    if (unread !== undefined) {
      output.note(`train.py will compare only the number and shape of samples: ${unread}`);
    }
    output.note(
      `Continue the run: torchrun --nproc_per_node 2 ${join(folder, 'train.py')} --data DATA`,
    );
    return;
  }
  const model = await openModel('export', operand, settings, output);
  try {
    const { generator: opened, run } = model;
    const network = opened instanceof TableGenerator ? opened.generator : opened;
    const { to, layout, pixels, precision } = settings;
    const folder = settings.out ?? join(run?.folder ?? '.', to);
    const files =
      to === 'onnx'
        ? { 'generator.onnx': await exportOnnx(network, { layout, pixels, precision }) }
        : to === 'torch'
          ? await exportTorch(network)
          : { 'generator.safetensors': await exportWeights(network) };
    await writeFiles(to, folder, files, output);
  } finally {
    model.generator.dispose();
  }
}

async function writeFiles(
  to: ExportFlags['to'],
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
  output: Output,
): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    const file = join(folder, name);
    await writeFileWhole('export', file, bytes);
    output.result(
      { event: 'file', file, bytes: bytes.length },
      `${file}: ${Math.ceil(bytes.length / 1e3).toLocaleString('en-US')} kB`,
    );
  }
  output.event({ event: 'done', to, folder });
}

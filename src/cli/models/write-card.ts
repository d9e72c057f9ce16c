import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeModelCard } from '../../export/card/model-card.ts';
import { exportWeights } from '../../export/export-weights.ts';
import { exportOnnx } from '../../export/onnx/export-onnx.ts';
import { exportTorch } from '../../export/torch/export-torch.ts';
import { isPicture } from '../../io/picture.ts';
import { fileHandler } from '../../platforms/node/file-handler.ts';
import { writeFileWhole } from '../../platforms/node/write-file.ts';
import type { Output } from '../output.ts';
import { savePicture } from '../samples/save-picture.ts';
import type { BackendSettings } from '../start-backend.ts';
import { openModel, type OpenedModel, samplesOf } from './open-model.ts';

interface CardFlags extends BackendSettings {
  readonly name: string | undefined;
  readonly license: string | undefined;
  readonly dataset: readonly string[];
  readonly description: string | undefined;
  readonly limits: string | undefined;
  readonly out: string | undefined;
}

const action = 'write a card';

/** `npx tfjs-gan card MODEL`: a folder to publish. */
export async function writeCard({
  operands: [operand = ''],
  settings,
  output,
}: {
  readonly operands: readonly string[];
  readonly settings: CardFlags;
  readonly output: Output;
}): Promise<undefined> {
  const model = await openModel(action, operand, settings, output);
  const generator = samplesOf(action, model);
  try {
    const folder = settings.out ?? join(model.run?.folder ?? '.', 'card');
    const written: string[] = [];
    const write = async (name: string, bytes: string | Uint8Array): Promise<void> => {
      await writeFileWhole(action, join(folder, name), bytes);
      written.push(name);
    };
    const { license, dataset, description, limits, name = model.name } = settings;
    const training = trainingOf(model);
    await write(
      'README.md',
      writeModelCard({
        generator,
        name,
        license,
        description,
        limits,
        datasets: dataset,
        ...(training && { training }),
        files: {
          model: 'generator/model.json',
          onnx: 'onnx/model.onnx',
          torch: 'torch/generator.py',
        },
      }),
    );
    await generator.save(fileHandler(join(folder, 'generator')));
    written.push('generator/model.json', 'generator/weights.bin');
    await write('onnx/model.onnx', await exportOnnx(generator));
    for (const [file, bytes] of Object.entries(await exportTorch(generator))) {
      await write(`torch/${file}`, bytes);
    }
    await write('model.safetensors', await exportWeights(generator));
    if (isPicture(generator.outputShape)) {
      await savePicture(join(folder, 'samples.png'), generator, {
        count: undefined,
        seed: 0,
        scale: 2,
      });
      written.push('samples.png');
    }
    const sums = await Promise.all(written.sort().map((file) => sumOf(folder, file)));
    await write('SHA256SUMS', `${sums.join('\n')}\n`);
    output.result({ event: 'done', folder, files: written }, `${folder}/: ${written.join(', ')}`);
    if (license === undefined)
      output.note('The card says that there is no license: --license names one');
  } finally {
    generator.dispose();
  }
}

function trainingOf({ run }: OpenedModel): Record<string, string | number> | undefined {
  if (run === undefined) return undefined;
  const { preset, batchSize, augment, seed } = run.settings;
  return { preset, 'batch size': batchSize, augmentation: augment, seed };
}

/** A line as `sha256sum` writes and checks it. */
async function sumOf(folder: string, file: string): Promise<string> {
  const sum = createHash('sha256').update(await readFile(join(folder, file)));
  return `${sum.digest('hex')}  ${file}`;
}

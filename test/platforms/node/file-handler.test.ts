import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import { DataFormatError } from '../../../src/core/errors.ts';
import { fileHandler } from '../../../src/platforms/node/file-handler.ts';
import '../../../src/platforms/node/register-file-handler.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function network(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 3, inputShape: [2], kernelInitializer: 'glorotNormal' }),
      tf.layers.batchNormalization(),
    ],
  });
}

async function numbersOf(model: tf.LayersModel): Promise<number[][]> {
  return Promise.all(model.getWeights().map(async (weight) => [...(await weight.data())]));
}

/** A saved model, as the text of its model.json and a folder to spoil. */
async function savedModel(): Promise<{ folder: string; model: tf.Sequential }> {
  const folder = join(await temporaryFolder(), 'deep', 'model');
  const model = network();
  await model.save(`file://${folder}`);
  return { folder, model };
}

interface Manifest {
  weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
}

async function editJson(folder: string, edit: (json: Manifest) => void): Promise<void> {
  const path = join(folder, 'model.json');
  const json = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  edit(json);
  await writeFile(path, JSON.stringify(json));
}

describe('file:// addresses', () => {
  test.each([
    ['the folder', ''],
    ['its model.json', '/model.json'],
  ])('save a model that %s gives back bit-for-bit', async (_, name) => {
    const { folder, model } = await savedModel();
    const again = await tf.loadLayersModel(`file://${folder}${name}`);
    expect(await numbersOf(again)).toEqual(await numbersOf(model));
    expect(again.toJSON()).toEqual(model.toJSON());
    expect(await readdir(folder)).toEqual(['model.json', 'weights.bin']);
  });

  test('may be relative', async () => {
    const folder = await temporaryFolder();
    const model = network();
    await model.save(`file://${relative(process.cwd(), folder)}`);
    expect(await readdir(folder)).toEqual(['model.json', 'weights.bin']);
  });

  test('replace what was saved there before', async () => {
    const { folder } = await savedModel();
    const other = network();
    await other.save(`file://${folder}`);
    const again = await tf.loadLayersModel(`file://${folder}`);
    expect(await numbersOf(again)).toEqual(await numbersOf(other));
    expect(await readdir(folder)).toEqual(['model.json', 'weights.bin']);
  });

  test('keep to the format of tfjs-node: one group of weights.bin, float32 after float32', async () => {
    const { folder, model } = await savedModel();
    const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as Manifest & {
      format: string;
      modelTopology: unknown;
    };
    expect(json.format).toBe('layers-model');
    expect(json.modelTopology).toBeTypeOf('object');
    expect(json.weightsManifest.map(({ paths }) => paths)).toEqual([['weights.bin']]);
    const { buffer } = Float32Array.from((await numbersOf(model)).flat());
    expect((await readFile(join(folder, 'weights.bin'))).equals(Buffer.from(buffer))).toBe(true);
  });

  test('give way to another handler for the same address, as tfjs-node brings one', async () => {
    const { folder } = await savedModel();
    const theirs = { save: async () => ({ modelArtifactsInfo: {} as tf.io.ModelArtifactsInfo }) };
    let present = true;
    tf.io.registerSaveRouter((url) =>
      present && String(url).startsWith('file://') ? theirs : (null as never),
    );
    try {
      expect(tf.io.getSaveHandlers(`file://${folder}`)).toEqual([theirs]);
      expect(tf.io.getLoadHandlers(`file://${folder}`)).toHaveLength(1);
    } finally {
      present = false;
    }
    expect(tf.io.getSaveHandlers(`file://${folder}`)).toHaveLength(1);
  });

  test('stay one handler if a second copy of this library is imported', async () => {
    vi.resetModules();
    await import('../../../src/platforms/node/register-file-handler.ts');
    expect(tf.io.getSaveHandlers('file://a')).toHaveLength(1);
    expect(tf.io.getLoadHandlers('file://a')).toHaveLength(1);
  });

  test('leave other addresses alone', () => {
    expect(tf.io.getSaveHandlers('model')).toEqual([]);
    expect(tf.io.getLoadHandlers(['file://a', 'file://b'])).toEqual([]);
  });
});

describe('fileHandler', () => {
  test('loads weights cut into shards, and in groups', async () => {
    const { folder, model } = await savedModel();
    const bytes = await readFile(join(folder, 'weights.bin'));
    await editJson(folder, (json) => {
      const weights = json.weightsManifest[0]?.weights ?? [];
      json.weightsManifest = [
        { paths: ['a.bin', 'b.bin'], weights: weights.slice(0, 1) },
        { paths: ['c.bin'], weights: weights.slice(1) },
      ];
    });
    await writeFile(join(folder, 'a.bin'), bytes.subarray(0, 7));
    await writeFile(join(folder, 'b.bin'), bytes.subarray(7, 24));
    await writeFile(join(folder, 'c.bin'), bytes.subarray(24));
    const again = await tf.loadLayersModel(fileHandler(folder));
    expect(await numbersOf(again)).toEqual(await numbersOf(model));
  });

  test('takes weights in several buffers', async () => {
    const folder = await temporaryFolder();
    const weightData = [Uint8Array.of(1, 2, 3).buffer, Uint8Array.of(4).buffer];
    const weightSpecs = [{ name: 'w', shape: [1], dtype: 'float32' as const }];
    await fileHandler(folder).save({ modelTopology: {}, weightSpecs, weightData });
    expect([...(await readFile(join(folder, 'weights.bin')))]).toEqual([1, 2, 3, 4]);
  });

  test('keeps metadata and the training configuration', async () => {
    const folder = await temporaryFolder();
    const artifacts = {
      modelTopology: { name: 'a' },
      userDefinedMetadata: { latentSize: { size: 100 } },
      signature: { inputs: {} },
      format: 'layers-model',
      generatedBy: 'test',
      convertedBy: null,
    };
    const { modelArtifactsInfo } = await fileHandler(folder).save(artifacts);
    expect(modelArtifactsInfo.modelTopologyType).toBe('JSON');
    expect(await fileHandler(folder).load()).toEqual(artifacts);
  });

  test.each([
    [
      'a folder that is not there',
      (folder: string) => join(folder, 'none'),
      async () => undefined,
      /^Cannot load the model: '.*none' does not exist$/,
    ],
    [
      'a folder without model.json',
      (folder: string) => join(folder, 'empty'),
      async (folder: string) => mkdir(join(folder, 'empty')),
      /^Cannot load the model: '.*empty.model\.json' does not exist$/,
    ],
    [
      'missing weights',
      (folder: string) => folder,
      (folder: string) =>
        editJson(folder, (json) => (json.weightsManifest[0]!.paths = ['none.bin'])),
      /^Cannot load the model: '.*none\.bin' does not exist$/,
    ],
  ])('says what is missing from %s', async (_, place, spoil, message) => {
    const { folder } = await savedModel();
    await spoil(folder);
    await expect(tf.loadLayersModel(`file://${place(folder)}`)).rejects.toThrow(message);
  });

  test.each([
    [
      'cut weights',
      async (folder: string) => {
        const bytes = await readFile(join(folder, 'weights.bin'));
        await writeFile(join(folder, 'weights.bin'), bytes.subarray(0, -1));
      },
      // 2·3 + 3 in the dense layer, 4·3 in the normalization.
      /weights\.bin' must have 84 bytes, as '.*model\.json' states, got 83\. The file may be truncated/,
    ],
    [
      'weights of another model',
      (folder: string) => writeFile(join(folder, 'weights.bin'), Buffer.alloc(88)),
      /must have 84 bytes, as .* states, got 88\. The two may not belong together/,
    ],
    [
      'a cut model.json',
      (folder: string) => writeFile(join(folder, 'model.json'), '{"modelTopology":'),
      /model\.json' must be JSON, got text that does not parse\. The file may be truncated/,
    ],
    [
      'other JSON',
      (folder: string) => writeFile(join(folder, 'model.json'), 'null'),
      /must be the model\.json of TensorFlow\.js, got JSON without modelTopology/,
    ],
    [
      'a manifest without paths',
      (folder: string) => editJson(folder, (json) => (json.weightsManifest = [{}] as never)),
      /must be the model\.json of TensorFlow\.js, got a weightsManifest without paths/,
    ],
  ])('refuses %s', async (_, spoil, message) => {
    const { folder } = await savedModel();
    await spoil(folder);
    await expect(tf.loadLayersModel(`file://${folder}`)).rejects.toThrow(DataFormatError);
    await expect(tf.loadLayersModel(`file://${folder}`)).rejects.toThrow(message);
  });

  test('says why it cannot save', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, 'mine');
    await expect(network().save(`file://${file}`)).rejects.toThrow(
      /^Cannot save the model: '.*file.weights\.bin' must be writable, got a file where a folder is needed$/,
    );
    expect(await readFile(file, 'utf8')).toBe('mine');
    await expect(network().save('file://')).rejects.toThrow(
      "Cannot save or load the model: path must name a folder, got 'file://'",
    );
  });

  test('leaves no draft behind if it fails', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'weights.bin'));
    await expect(network().save(`file://${folder}`)).rejects.toThrow('got a folder with that name');
    expect(await readdir(folder)).toEqual(['weights.bin']);
  });
});

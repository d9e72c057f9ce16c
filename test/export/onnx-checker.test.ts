import '../support/on-cpu.ts';
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createDcgan } from 'tfjs-gan';
import { exportOnnx } from 'tfjs-gan/export';
import { layerNetworks, presetNetworks } from './networks.ts';
import { hasPythonModule, runPython } from './python.ts';
import { sharedFolder } from '../support/temporary-folder.ts';

const at = sharedFolder();
describe.skipIf(!hasPythonModule('onnx'))('the onnx package (needs python3-onnx)', () => {
  test('finds nothing wrong with any file, and reads what it says of itself', async () => {
    const networks = [...presetNetworks(), ...layerNetworks()];
    for (const [i, [, network]] of networks.entries()) {
      const layout = i % 2 === 0 ? 'nhwc' : 'nchw';
      const precision = i % 3 === 0 ? 'float16' : 'float32';
      await writeFile(at(`${i}.onnx`), await exportOnnx(network, { layout, precision }));
    }
    const { generator } = createDcgan({ imageShape: [8, 8, 3], classes: 4, baseFilters: 4 });
    const options = { layout: 'nchw', pixels: 'bytes' } as const;
    await writeFile(at('bytes.onnx'), await exportOnnx(generator, options));
    const read = JSON.parse(runPython('read_onnx.py', at())) as Record<string, unknown>;
    expect(Object.keys(read)).toHaveLength(networks.length + 1);
    expect(read['bytes']).toMatchObject({
      inputs: { latents: ['float32', ['batch', 100]], labels: ['int32', ['batch']] },
      outputs: { samples: ['uint8', ['batch', 3, 8, 8]] },
      producer: ['tfjs-gan', '0.1.0'],
      opset: [13],
      metadata: {
        kind: 'generator',
        layout: 'nchw',
        pixels: 'bytes',
        latentSize: '100',
        latentDistribution: 'normal',
        valueRange: '[-1,1]',
      },
    });
  });
});

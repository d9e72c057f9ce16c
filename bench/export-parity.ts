/**
 * What other programs compute with an exported generator, beside its own samples: a DCGAN of digits, trained for some steps,
 * and 1,024 samples.
 *
 *     npm run bench -- export-parity [--steps 300]
 *     npm install --no-save --ignore-scripts onnxruntime-node     # optional
 *
 * Differences are of values in −1…1; pixels are those of 8 bits. PyTorch is that of /usr/bin/python3, if it has it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDcgan, encodeSafetensors, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { exportTorch } from 'tfjs-gan/export';
import { loadMnist } from 'tfjs-gan/node';
import { onnxEngines } from './onnx-engines.ts';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';

const { steps } = readOptions({ steps: 300 });
await useBackend(wasmTrain({ threads: 1 }));
const { generator, trainer } = createDcgan({ imageShape: [28, 28, 1], seed: 42 });
await trainer.fit(await loadMnist({ split: 'train' }), { steps, batchSize: 64 });

const count = 1_024;
const latents = generator.latents(count, { seed: 7 });
const numbers = (await latents.data()) as Float32Array;
const expected = await generator.generate(latents).data();

const made = new Map<string, ArrayLike<number>>();
for (const precision of ['float32', 'float16'] as const) {
  for (const [name, engine] of await onnxEngines(generator, 1, { precision })) {
    made.set(`${name}, ${precision}`, await engine(numbers));
  }
}
const torch = await byTorch();
if (torch !== undefined) made.set('PyTorch', torch);

const byte = (value: number): number => Math.round(127.5 * (Math.min(1, Math.max(-1, value)) + 1));
const rows = [...made].map(([name, pixels]) => {
  const distances = Array.from(expected, (value, i) => Math.abs(value - pixels[i]!));
  const other = Array.from(expected).filter((value, i) => byte(value) !== byte(pixels[i]!));
  const largest = distances.reduce((most, distance) => Math.max(most, distance), 0);
  return [name, largest.toExponential(1), `${other.length} of ${expected.length}`];
});
console.log(table(['engine', 'largest difference', 'pixels that differ'], rows));

/** The samples by PyTorch, if it is installed. */
async function byTorch(): Promise<Float32Array | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-gan-parity-'));
  try {
    for (const [file, bytes] of Object.entries(await exportTorch(generator))) {
      writeFileSync(join(folder, file), bytes);
    }
    const shape = [count, generator.latentSize];
    const input = encodeSafetensors({ latents: { shape, values: numbers } });
    writeFileSync(join(folder, 'latents.safetensors'), input);
    const code = [
      'import torch, generator',
      "latents = generator.read_weights('latents.safetensors')['latents']",
      "with torch.no_grad(): samples = generator.load('generator.safetensors')(latents)",
      "open('samples.f32', 'wb').write(samples.numpy().tobytes())",
    ];
    const { status, stderr } = spawnSync('/usr/bin/python3', ['-c', code.join('\n')], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (status === 0) {
      return new Float32Array(Uint8Array.from(readFileSync(join(folder, 'samples.f32'))).buffer);
    }
    console.error(`Without PyTorch: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

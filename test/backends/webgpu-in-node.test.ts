import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

/** Chromium's emulation of a GPU, and its loader. */
const chromium = '/usr/lib/chromium';
const driver = `${chromium}/vk_swiftshader_icd.json`;
const script = fileURLToPath(new URL('../support/train-on.ts', import.meta.url));

interface Trained {
  readonly name: string;
  readonly detail: string;
  readonly losses: number[];
}

/** Trains in a separate process, which must end by itself. */
async function trainOn(backend: string, env: Record<string, string>): Promise<Trained> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', script, backend],
    {
      env: { ...process.env, ...env },
      timeout: 120_000,
    },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Trained;
}

describe('webgpu in Node, with the webgpu package', () => {
  test.skipIf(!existsSync(driver))(
    'trains a DCGAN as cpu does on an emulated adapter, if nothing else was requested',
    async () => {
      const gpu = { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: chromium };
      const [got, wanted] = await Promise.all([trainOn('webgpu', gpu), trainOn('cpu', {})]);
      expect(got.name).toBe('webgpu');
      expect(got.detail).toMatch(/emulated in software \(.*SwiftShader.*slower than wasm-train/);
      expect(wanted.losses).toHaveLength(10);
      for (const [i, loss] of got.losses.entries()) expect(loss).toBeCloseTo(wanted.losses[i]!, 4);
    },
  );

  test('reports what is missing if no driver is found', async () => {
    const none = { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' };
    await expect(trainOn('webgpu', none)).rejects.toThrow(
      'Cannot use the webgpu backend: WebGPU found no graphics adapter',
    );
  });
});

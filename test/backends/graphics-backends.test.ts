import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Availability } from '../../src/backends/backend.ts';
import { webgl } from '../../src/backends/webgl.ts';
import { webgpu } from '../../src/backends/webgpu.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  for (const name of ['webgl', 'webgpu']) {
    if (tf.findBackendFactory(name) !== null) tf.removeBackend(name);
  }
});

function register(name: string): void {
  tf.registerBackend(name, () => tf.findBackend('cpu'), 0);
}

describe('webgl', () => {
  /** A page whose WebGL runs on the adapter of this name; `lost` counts the released contexts. */
  function stubPage(adapter: string | undefined, { debugInfo = true } = {}): { lost: number } {
    const page = { lost: 0 };
    const extensions: Record<string, unknown> = {
      WEBGL_debug_renderer_info: debugInfo ? { UNMASKED_RENDERER_WEBGL: 37446 } : null,
      WEBGL_lose_context: { loseContext: () => (page.lost += 1) },
    };
    const context = {
      RENDERER: 7937,
      getExtension: (name: string) => extensions[name],
      getParameter: (name: number) => (name === (debugInfo ? 37446 : 7937) ? adapter : 'masked'),
    };
    const getContext = (): unknown => (adapter === undefined ? null : context);
    vi.stubGlobal('document', { createElement: () => ({ getContext }) });
    return page;
  }

  test('returns the name of its adapter, and keeps no context open', async () => {
    register('webgl');
    const page = stubPage('ANGLE (NVIDIA GeForce RTX 3060)');
    expect(await webgl().isAvailable()).toEqual({
      available: true,
      detail: 'ANGLE (NVIDIA GeForce RTX 3060)',
      emulated: false,
    });
    expect(page.lost).toBe(1);
  });

  test('detects an adapter emulated in software', async () => {
    register('webgl');
    for (const adapter of [
      'ANGLE (Google, Vulkan 1.3 (SwiftShader Device))',
      'llvmpipe (LLVM 15)',
    ]) {
      stubPage(adapter, { debugInfo: adapter.startsWith('ANGLE') });
      expect(await webgl().isAvailable()).toEqual({
        available: true,
        detail: adapter,
        emulated: true,
      });
    }
  });

  test('reports what is missing: a browser, the backend, WebGL itself', async () => {
    const reason = async (): Promise<string | undefined> => reasonOf(await webgl().isAvailable());
    expect(await reason()).toBe('WebGL needs a browser');
    stubPage(undefined);
    expect(await reason()).toBe(
      "it is not registered. Add import '@tensorflow/tfjs-backend-webgl'",
    );
    register('webgl');
    expect(await reason()).toBe('this browser has no WebGL, or WebGL is disabled');
  });
});

describe('webgpu', () => {
  function stubGpu(adapter: unknown): void {
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
  }

  test('returns the name of its adapter', async () => {
    register('webgpu');
    stubGpu({ info: { vendor: 'nvidia', architecture: 'ampere', description: '' } });
    expect(await webgpu().isAvailable()).toEqual({
      available: true,
      detail: 'nvidia ampere',
      emulated: false,
    });
    stubGpu({});
    expect(await webgpu().isAvailable()).toMatchObject({ detail: 'an unnamed adapter' });
  });

  test('detects an adapter emulated in software in every form that browsers report it', async () => {
    register('webgpu');
    const adapters = [
      { info: { vendor: 'google', architecture: 'swiftshader' } },
      { info: { vendor: 'x', isFallbackAdapter: true } },
      { isFallbackAdapter: true },
    ];
    for (const adapter of adapters) {
      stubGpu(adapter);
      expect(await webgpu().isAvailable()).toMatchObject({ available: true, emulated: true });
    }
  });

  test('reports what is missing: WebGPU, or an adapter', async () => {
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('process', undefined);
    expect(reasonOf(await webgpu().isAvailable())).toBe('this browser has no navigator.gpu');
    stubGpu(null);
    expect(reasonOf(await webgpu().isAvailable())).toBe('WebGPU found no graphics adapter');
  });

  test('loads the package that provides the backend, and reports a failure', async () => {
    stubGpu({ info: { vendor: 'nvidia' } });
    vi.doMock('@tensorflow/tfjs-backend-webgpu', () => {
      throw new Error('Cannot find package');
    });
    expect(reasonOf(await webgpu().isAvailable())).toMatch(
      /^@tensorflow\/tfjs-backend-webgpu cannot be loaded \(.*\)\. Run npm install @tensorflow\/tfjs-backend-webgpu$/,
    );
    vi.doMock('@tensorflow/tfjs-backend-webgpu', () => ({}));
    expect(reasonOf(await webgpu().isAvailable())).toMatch(/belongs to another copy/);
    vi.doMock('@tensorflow/tfjs-backend-webgpu', () => {
      register('webgpu');
      return {};
    });
    vi.resetModules();
    expect(await webgpu().isAvailable()).toMatchObject({ available: true, detail: 'nvidia' });
    vi.doUnmock('@tensorflow/tfjs-backend-webgpu');
  });
});

function reasonOf(availability: Availability): string | undefined {
  return availability.available ? undefined : availability.reason;
}

import { inspect } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { BackendUnavailableError, useBackend, type Availability, type Backend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

/** Calls made on the backends of a test, in order. */
let calls: string[] = [];

/** A backend in name only: tfjs's cpu engine, registered again under that name. */
function fake(
  name: string,
  availability: Availability | Error = { available: true, detail: 'made up' },
  activate: () => void | Promise<void> = async () => {
    await tf.setBackend(name);
  },
): Backend {
  if (tf.findBackendFactory(name) === null) {
    const backend = tf.findBackend('cpu');
    tf.registerBackend(name, () => backend, 0);
  }
  return {
    name,
    isAvailable: async () => {
      calls.push(`${name}?`);
      if (availability instanceof Error) throw availability;
      return availability;
    },
    activate: async () => {
      calls.push(`${name}!`);
      await activate();
    },
  };
}

const absent: Availability = { available: false, reason: 'its cable is unplugged' };

/** Called as from JavaScript. */
const use = useBackend as (choice?: unknown) => ReturnType<typeof useBackend>;

async function rejection(promise: Promise<unknown>): Promise<BackendUnavailableError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BackendUnavailableError)) throw new Error(`unexpected: ${String(error)}`);
  return error;
}

beforeEach(async () => {
  await tf.setBackend('cpu');
  calls = [];
});

afterEach(async () => {
  await tf.setBackend('cpu');
  for (const name of ['a', 'b', 'c']) {
    if (tf.findBackendFactory(name) !== null) tf.engine().removeBackend(name);
  }
});

describe('useBackend', () => {
  test('takes the first that can run, and checks none after it', async () => {
    const report = await useBackend([fake('a', absent), fake('b'), fake('c')]);
    expect(tf.getBackend()).toBe('b');
    expect(calls).toEqual(['a?', 'b?', 'b!', 'b?']);
    expect(report).toEqual({
      name: 'b',
      detail: 'made up',
      refused: [{ name: 'a', reason: 'its cable is unplugged' }],
    });
  });

  test('continues if a check or an activation fails, and reports the error', async () => {
    const broken = fake('b', { available: true }, () => {
      throw new Error('Cannot use the b backend: out of memory');
    });
    const report = await useBackend([fake('a', new Error('no answer')), broken, fake('c')]);
    expect(report.refused).toEqual([
      { name: 'a', reason: 'no answer' },
      { name: 'b', reason: 'out of memory' },
    ]);
  });

  test('refuses a backend that does not become current', async () => {
    const idle = fake('a', { available: true }, () => undefined);
    expect((await useBackend([idle, 'cpu'])).refused).toEqual([
      { name: 'a', reason: "activate() left 'cpu' current" },
    ]);
  });

  test('keeps the current backend if every candidate is refused', async () => {
    const halfway = fake('b', { available: true }, async () => {
      await tf.setBackend('b');
      throw new Error('lost the adapter');
    });
    const error = await rejection(useBackend([fake('a', absent), halfway]));
    expect(tf.getBackend()).toBe('cpu');
    expect(error.backend).toBe('a, b');
    expect(error.message).toBe(
      'Cannot use any of the requested backends:\n' +
        '  a: its cable is unplugged\n' +
        '  b: lost the adapter\n' +
        "Add 'wasm-train' or 'cpu' to the list to fall back",
    );
  });

  test('throws the reason, the cure and the cause if one backend was requested', async () => {
    const error = await rejection(useBackend(fake('a', absent)));
    expect(error.backend).toBe('a');
    expect(error.message).toBe(
      "Cannot use the a backend: its cable is unplugged. Pass ['a', 'wasm-train'] to fall back",
    );
    const cause = new Error('boom');
    expect((await rejection(useBackend(fake('b', cause)))).cause).toBe(cause);
  });

  test('reports why each named backend that needs more than Node is refused here', async () => {
    expect((await rejection(useBackend('webgl'))).message).toBe(
      "Cannot use the webgl backend: WebGL needs a browser. Pass ['webgl', 'wasm-train'] to fall back",
    );
    expect((await rejection(useBackend('tensorflow'))).message).toBe(
      "Cannot use the tensorflow backend: @tensorflow/tfjs-node is not imported. To use it, import '@tensorflow/tfjs-node' first",
    );
  });

  test("refuses tfjs's own wasm and recommends wasm-train", async () => {
    const error = await rejection(use('wasm'));
    expect(error.message).toBe(
      "Cannot use the wasm backend: it cannot train: it has no kernel for a convolution's filter gradient (Conv2DBackpropFilter). Use 'wasm-train', which has every kernel for training",
    );
    expect((await use(['wasm', 'cpu'])).refused).toHaveLength(1);
  });

  test('tries everything in the stated order for auto', async () => {
    const { name, refused } = await useBackend('auto');
    expect([...refused.map((other) => other.name), name]).toEqual([
      'tensorflow',
      'webgpu',
      'webgl',
      'wasm-train',
    ]);
    expect(tf.getBackend()).toBe('wasm-train');
  });

  test('takes an emulated adapter only as the last candidate', async () => {
    const emulated: Availability = { available: true, detail: 'SwiftShader', emulated: true };
    const words = 'its adapter is emulated in software (SwiftShader), slower than wasm-train';
    const [first, last] = [fake('a', emulated), fake('b')];
    expect((await useBackend([first, last])).refused).toEqual([{ name: 'a', reason: words }]);
    expect(await useBackend([first])).toMatchObject({ name: 'a', detail: words });
  });

  test('warns if auto falls back to plain JavaScript, with the reason and the cure', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    vi.stubGlobal('WebAssembly', undefined);
    onTestFinished(() => {
      vi.unstubAllGlobals();
      warn.mockRestore();
    });
    const { name, refused } = await useBackend('auto');
    await useBackend(['wasm-train', 'cpu']);
    expect(name).toBe('cpu');
    expect(refused.at(-1)).toEqual({
      name: 'wasm-train',
      reason: 'this JavaScript engine has no WebAssembly',
    });
    expect(warn.mock.calls).toEqual([
      [
        "tfjs-gan: useBackend('auto') took plain JavaScript (cpu), many times slower than wasm-train, which was refused: " +
          "this JavaScript engine has no WebAssembly. Call useBackend('wasm-train') to get an error instead, " +
          "or useBackend('cpu') to use plain JavaScript without this warning",
      ],
    ]);
  });

  test('does not load a driver of WebGPU in Node for auto', async () => {
    const { refused } = await useBackend('auto');
    expect(refused).toContainEqual({
      name: 'webgpu',
      reason: "in Node it must be requested by name: useBackend('webgpu')",
    });
  });

  test('takes tfjs-node first once the user has imported it', async () => {
    fake('tensorflow');
    try {
      expect((await useBackend('auto')).name).toBe('tensorflow');
    } finally {
      await tf.setBackend('cpu');
      tf.engine().removeBackend('tensorflow');
    }
  });

  test('computes on cpu and on wasm-train, by name and by object', async () => {
    for (const choice of ['cpu', 'wasm-train', wasmTrain()] as const) {
      const { name, detail } = await useBackend(choice);
      expect(tf.getBackend()).toBe(name);
      expect(detail).not.toBe('');
      expect(tf.tidy(() => [...tf.matMul([[1, 2]], [[3], [4]]).dataSync()])).toEqual([11]);
    }
  });

  test('lists the choices for an unknown name, an empty list, or a value that is not a backend', async () => {
    const choices = "'auto', 'tensorflow', 'webgpu', 'webgl', 'wasm-train', 'cpu'";
    await expect(use('gpu')).rejects.toThrow(
      new RangeError(
        `Cannot use a backend: the choice must be one of ${choices} or a Backend, got 'gpu'`,
      ),
    );
    await expect(use(['cpu', 'toString'])).rejects.toThrow(/got 'toString'$/);
    await expect(use(['auto'])).rejects.toThrow(
      /each choice must be one of 'tensorflow', .*, got 'auto'$/,
    );
    await expect(use([])).rejects.toThrow(
      new RangeError('Cannot use a backend: the list of choices must name at least one, got []'),
    );
    for (const value of [undefined, null, 7, { name: 'a' }]) {
      await expect(use(value)).rejects.toThrow(TypeError);
    }
    expect(tf.getBackend()).toBe('cpu');
  });
});

describe('BackendReport', () => {
  test('prints as lines of text', async () => {
    const report = await useBackend([fake('a', absent), fake('b')]);
    const lines = 'b: made up\n  not a: its cable is unplugged';
    expect(String(report)).toBe(lines);
    expect(inspect(report)).toBe(lines);
  });

  test('is plain data for loops, spreads and JSON', async () => {
    const report = await useBackend([fake('a', absent), fake('b', { available: true })]);
    expect(JSON.parse(JSON.stringify(report))).toEqual({ ...report });
    expect(Object.keys(report)).toEqual(['name', 'detail', 'refused']);
    expect(String(report)).toBe('b\n  not a: its cable is unplugged');
  });
});

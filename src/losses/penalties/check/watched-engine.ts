import * as tf from '@tensorflow/tfjs';
import { isError } from '../../../core/realms.ts';

/** What takes an operation's place while the engine is watched. @internal */
export interface EngineWatch {
  /** Answers a kernel call; `run` is the call itself, and what is done in here is not watched. */
  readonly kernel?: (
    kernelName: string,
    inputs: tf.NamedTensorMap,
    attributes: tf.NamedAttrMap | undefined,
    run: (inputs: tf.NamedTensorMap) => tf.Tensor | tf.Tensor[],
  ) => tf.Tensor | tf.Tensor[];
  /** Hears of an operation with a gradient of its own: what `tf.customGrad` made. */
  readonly custom?: (name: string) => void;
}

/** What every operation of the engine goes through; tfjs calls it private. */
interface OperationRunner {
  runKernelFunc: (call: { readonly kernelName?: string; readonly inputs: object }) => unknown;
}

/**
 * Runs a function while every operation that tfjs would record for a backward pass is watched.
 *
 * The engine is TensorFlow.js's only one: what is watched runs synchronously, and its own methods are put back after.
 *
 * @internal
 */
export function watchEngine<T>(watch: EngineWatch, run: () => T): T {
  const engine = tf.engine();
  const runner = engine as unknown as OperationRunner;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
  const { runKernel } = engine;
  const { runKernelFunc } = runner;
  const callKernel = runKernel.bind(engine);
  const callAny = runKernelFunc.bind(engine);
  let busy = false;
  const isRecorded = (): boolean => !busy && engine.state.kernelDepth === 0;
  const unwatched = <R>(look: () => R): R => {
    busy = true;
    try {
      return look();
    } finally {
      busy = false;
    }
  };
  engine.runKernel = ((kernelName, inputs, attributes) => {
    if (watch.kernel === undefined || !isRecorded()) {
      return callKernel(kernelName, inputs, attributes);
    }
    const { kernel } = watch;
    return unwatched(() =>
      kernel(kernelName, inputs, attributes, (others) =>
        callKernel(kernelName, others, attributes),
      ),
    );
  }) as typeof runKernel;
  runner.runKernelFunc = (call) => {
    if (call.kernelName === undefined && isRecorded() && Object.keys(call.inputs).length > 0) {
      const scope = engine.state.activeScope?.name ?? '';
      watch.custom?.(scope.endsWith('__op') ? scope.slice(0, -'__op'.length) : 'customGrad');
    }
    return callAny(call);
  };
  try {
    return run();
  } finally {
    engine.runKernel = runKernel;
    runner.runKernelFunc = runKernelFunc;
  }
}

/**
 * Runs something that takes gradients, and frees what tfjs recorded where it fails, which tfjs does not.
 *
 * @returns The result, or the error.
 * @internal
 */
export function attempt<T>(run: () => T): { readonly value: T } | { readonly error: Error } {
  try {
    return { value: run() };
  } catch (error) {
    const { state } = tf.engine();
    if (state.gradientDepth === 0) {
      for (const { saved } of (state.activeTape ?? []) as { saved?: tf.Tensor[] }[]) {
        tf.dispose(saved ?? []);
      }
      state.activeTape = null as unknown as typeof state.activeTape;
    }
    return { error: isError(error) ? error : new Error(String(error)) };
  }
}

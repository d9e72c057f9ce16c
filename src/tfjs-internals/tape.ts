import * as tf from '@tensorflow/tfjs';

/**
 * The tape of TensorFlow.js: the operations that are recorded while a function is differentiated.
 * The engine has no public way to pause it, to inspect it, or to free it after a failure.
 */

/** Whether operations are being recorded. @internal */
export function isRecording(): boolean {
  return tf.engine().state.gradientDepth > 0;
}

/**
 * Runs a function without recording its operations, even inside a differentiated function: its
 * result is a constant.
 *
 * @param run - Receives a function that runs another one on the tape again.
 *
 * @internal
 */
export function outsideTape<T>(run: (inside: <I>(record: () => I) => I) => T): T {
  const { state } = tf.engine();
  const { gradientDepth, activeTape } = state;
  const inside = <I>(record: () => I): I => {
    const paused = state.gradientDepth;
    state.gradientDepth = gradientDepth;
    state.activeTape = activeTape;
    try {
      return record();
    } finally {
      state.gradientDepth = paused;
    }
  };
  state.gradientDepth = 0;
  try {
    return run(inside);
  } finally {
    // A gradient inside starts its own tape and drops it afterwards.
    state.gradientDepth = gradientDepth;
    state.activeTape = activeTape;
  }
}

/**
 * Runs the operations inside an operation with a custom gradient, and records them if a gradient is
 * differentiated. Only these operations know how intermediate values depend on the inputs;
 * TensorFlow.js records nothing inside an operation (`kernelDepth`).
 *
 * @internal
 */
export function recordIfNested<T>(run: () => T): {
  readonly value: T;
  readonly isRecorded: boolean;
} {
  const { state } = tf.engine();
  const isRecorded = state.gradientDepth > 1 && state.kernelDepth === 1;
  if (!isRecorded) return { value: run(), isRecorded };
  state.kernelDepth -= 1;
  try {
    return { value: run(), isRecorded };
  } finally {
    state.kernelDepth += 1;
  }
}

/** Runs a function and returns the inputs of its recorded operations. @internal */
export function recordedInputs<T>(run: () => T): {
  readonly value: T;
  readonly inputs: readonly tf.Tensor[];
} {
  const { state } = tf.engine();
  const before = state.activeTape?.length ?? 0;
  const value = run();
  const recorded = state.activeTape?.slice(before) ?? [];
  return { value, inputs: recorded.flatMap(({ inputs }) => Object.values(inputs)) };
}

/**
 * Which of the tensors were computed from one of the sources, according to the current tape.
 *
 * @internal
 */
export function computedFrom(
  sources: readonly tf.Tensor[],
  tensors: readonly tf.Tensor[],
): readonly boolean[] {
  const reached = new Set(sources.map(({ id }) => id));
  for (const { inputs, outputs } of tf.engine().state.activeTape ?? []) {
    if (!Object.values(inputs).some(({ id }) => reached.has(id))) continue;
    for (const { id } of outputs) reached.add(id);
  }
  return tensors.map(({ id }) => reached.has(id));
}

/** Frees what was saved for a backward pass that failed; nothing else would. @internal */
export function freeTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const node of state.activeTape ?? []) tf.dispose(node.saved ?? []);
  state.activeTape = [];
}

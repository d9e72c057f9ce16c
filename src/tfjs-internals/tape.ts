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

/** An operation on the tape. @internal */
export interface RecordedOperation {
  readonly kernelName: string;
  readonly inputs: tf.NamedTensorMap;
  readonly outputs: tf.Tensor[];
  /** What its gradient needs; freed after the backward pass. */
  readonly saved: tf.Tensor[];
  /**
   * Maps the gradients of the outputs to those of the inputs.
   *
   * @param wanted - Names of the inputs whose gradients are needed; all, if left out.
   */
  readonly gradient: OperationGradient;
}

type OperationGradient = (
  dys: tf.Tensor[],
  wanted?: ReadonlySet<string>,
) => Readonly<Record<string, () => tf.Tensor>>;

/** One of TensorFlow.js may have no gradient. */
type TapeNode = Omit<RecordedOperation, 'gradient'> & { readonly gradient?: OperationGradient };

/** Records an operation that is none of TensorFlow.js. @internal */
export function recordOperation(operation: RecordedOperation): void {
  const { state } = tf.engine();
  state.activeTape.push({ ...operation, id: state.nextTapeNodeId++ });
}

/**
 * Computes a scalar and its gradients with respect to some tensors, like `tf.variableGrads`, and
 * tells each operation which of its gradients are needed.
 *
 * @param compute - Computes the scalar.
 * @param sources - The tensors.
 * @returns The scalar, and a gradient for each tensor that it depends on.
 *
 * @internal
 */
export function differentiate(
  compute: () => tf.Scalar,
  sources: readonly tf.Tensor[],
): { readonly value: tf.Scalar; readonly gradients: readonly (tf.Tensor | undefined)[] } {
  const engine = tf.engine() as unknown as { startTape(): void; endTape(): void };
  engine.startTape();
  let value: tf.Scalar;
  try {
    value = tf.tidy('forward', compute);
  } finally {
    engine.endTape();
  }
  const found = tf.tidy('backward', () => backward(value, sources) as tf.TensorContainer);
  freeTape();
  return { value, gradients: found as (tf.Tensor | undefined)[] };
}

function backward(value: tf.Tensor, sources: readonly tf.Tensor[]): (tf.Tensor | undefined)[] {
  const gradients = new Map<number, tf.Tensor>([[value.id, tf.scalar(1)]]);
  for (const [node, wanted] of pathsBetween(sources, value).reverse()) {
    if (node.gradient === undefined) {
      throw new Error(
        `Cannot compute gradient: gradient function not found for ${node.kernelName}.`,
      );
    }
    const slopes = node.gradient(
      node.outputs.map(({ id }) => gradients.get(id)) as tf.Tensor[],
      wanted,
    );
    for (const name of wanted) {
      const slope = slopes[name];
      if (slope === undefined) {
        throw new Error(
          `Cannot backprop through input ${name}. Available gradients found: ${Object.keys(slopes).join()}.`,
        );
      }
      const dx = tf.tidy(slope);
      const x = node.inputs[name]!;
      checkGradient(node.kernelName, name, dx, x);
      const before = gradients.get(x.id);
      gradients.set(x.id, before === undefined ? dx : tf.add(before, dx));
      before?.dispose();
    }
  }
  return sources.map(({ id }) => gradients.get(id));
}

function checkGradient(kernelName: string, input: string, dx: tf.Tensor, x: tf.Tensor): void {
  if (dx.dtype === 'float32' && tf.util.arraysEqual(dx.shape, x.shape)) return;
  throw new Error(
    `Error in gradient for op ${kernelName}. The gradient of input '${input}' must have dtype float32 and the shape ` +
      `'${x.shape.join()}' of the input, got ${dx.dtype} and '${dx.shape.join()}'`,
  );
}

/** The operations between the sources and the value, each with the inputs that lie between. */
function pathsBetween(
  sources: readonly tf.Tensor[],
  value: tf.Tensor,
): (readonly [node: TapeNode, wanted: ReadonlySet<string>])[] {
  const reached = new Set(sources.map(({ id }) => id));
  const forward: (readonly [TapeNode, ReadonlySet<string>])[] = [];
  for (const node of tf.engine().state.activeTape as unknown as TapeNode[]) {
    const names = Object.keys(node.inputs).filter((name) => reached.has(node.inputs[name]!.id));
    if (names.length === 0) continue;
    for (const { id } of node.outputs) reached.add(id);
    forward.push([node, new Set(names)]);
  }
  const needed = new Set([value.id]);
  return forward
    .reverse()
    .filter(([{ inputs, outputs }, wanted]) => {
      if (!outputs.some(({ id }) => needed.has(id))) return false;
      for (const name of wanted) needed.add(inputs[name]!.id);
      return true;
    })
    .reverse();
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

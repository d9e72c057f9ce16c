import type { OnnxGraph } from './onnx-graph.ts';

/** Axes of images: channels first from channels last, and back. @internal */
export const channelsFirst: readonly number[] = [0, 3, 1, 2];
/** @internal */
export const channelsLast: readonly number[] = [0, 2, 3, 1];

/**
 * A value as TensorFlow.js has it: images, of 4 axes with the batch, are held channels first.
 *
 * @internal
 */
export function toLast(graph: OnnxGraph, value: string, shape: readonly number[]): string {
  return shape.length === 3 ? graph.op('Transpose', [value], { perm: channelsLast }) : value;
}

/** A value of TensorFlow.js as it is held. @internal */
export function toFirst(graph: OnnxGraph, value: string, shape: readonly number[]): string {
  return shape.length === 3 ? graph.op('Transpose', [value], { perm: channelsFirst }) : value;
}

/** One number. @internal */
export function scalar(graph: OnnxGraph, value: number): string {
  return graph.floats({ shape: [], values: Float32Array.of(value) });
}

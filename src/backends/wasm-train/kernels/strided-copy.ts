import type { KernelCall } from '../wasm-kernel.ts';
import { rowRanges } from './split.ts';

/** One axis of a copy: its size, and its steps in the target and in the source. @internal */
export interface CopyAxis {
  readonly size: number;
  readonly targetStep: number;
  readonly sourceStep: number;
}

/**
 * Copies 32-bit values between two layouts.
 *
 * Merges axes if possible. The compiled kernel takes the inner four, which is all of them in
 * practice.
 *
 * @param axes - Outermost first; steps are in values.
 * @internal
 */
export function stridedCopy(
  call: KernelCall,
  target: number,
  source: number,
  axes: readonly CopyAxis[],
): void {
  copyAxes(call, target, source, merged(axes));
}

const noAxis: CopyAxis = { size: 1, targetStep: 1, sourceStep: 1 };

function copyAxes(
  call: KernelCall,
  target: number,
  source: number,
  axes: readonly CopyAxis[],
): void {
  if (axes.length > 4) {
    const [outer = noAxis, ...inner] = axes;
    for (let index = 0; index < outer.size; index++) {
      const to = target + index * outer.targetStep * 4;
      copyAxes(call, to, source + index * outer.sourceStep * 4, inner);
    }
    return;
  }
  const [outer = noAxis, ...inner] = axes;
  const innerSize = inner.reduce((size, axis) => size * axis.size, 1);
  call.runParts(
    'copyStrided',
    rowRanges(call, outer.size, innerSize).map(({ first, count }) => {
      const [a, b, c, d] = fourAxes([{ ...outer, size: count }, ...inner]);
      return [
        ...([
          target + first * outer.targetStep * 4,
          source + first * outer.sourceStep * 4,
        ] as const),
        ...([a.size, b.size, c.size, d.size] as const),
        ...([a.targetStep, b.targetStep, c.targetStep, d.targetStep] as const),
        ...([a.sourceStep, b.sourceStep, c.sourceStep, d.sourceStep] as const),
      ];
    }),
  );
}

function fourAxes(axes: readonly CopyAxis[]): [CopyAxis, CopyAxis, CopyAxis, CopyAxis] {
  const [a = noAxis, b = noAxis, c = noAxis, d = noAxis] = [-4, -3, -2, -1].map((at) =>
    axes.at(at),
  );
  return [a, b, c, d];
}

function merged(axes: readonly CopyAxis[]): CopyAxis[] {
  const result: CopyAxis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = result.at(-1);
    if (
      outer?.targetStep === axis.targetStep * axis.size &&
      outer.sourceStep === axis.sourceStep * axis.size
    ) {
      result[result.length - 1] = { ...axis, size: outer.size * axis.size };
    } else {
      result.push(axis);
    }
  }
  return result;
}

/** The strides of a dense tensor, in values. @internal */
export function denseSteps(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis] ?? 1;
  }
  return steps;
}

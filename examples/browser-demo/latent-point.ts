import type { DrawnPicture } from 'tfjs-gan/worker';
import { element } from './page.ts';
import { IMAGE_SHAPE } from './settings.ts';

/** Number of sliders. */
export const SLIDERS = 8;
/** Three in a thousand normally distributed numbers lie beyond it. */
const REACH = 3;
const [SIDE] = IMAGE_SHAPE;

/** A slider for a direction, between pictures of its two ends. */
interface Dial {
  readonly input: HTMLInputElement;
  readonly ends: readonly [low: HTMLCanvasElement, high: HTMLCanvasElement];
}

/** A point of the latent space, with sliders that move it along directions. */
export class LatentPoint {
  #start: Float32Array = new Float32Array();
  #directions: readonly Float32Array[] = [];
  readonly #dials: readonly Dial[];

  /**
   * @param moved - Called while a slider moves.
   * @param released - Called when a slider has moved.
   */
  constructor(moved: () => void, released: () => void) {
    this.#dials = Array.from({ length: SLIDERS }, (_, i) => {
      const row = document.createElement('div');
      const input = document.createElement('input');
      Object.assign(input, {
        type: 'range',
        id: `latent-${i + 1}`,
        disabled: true,
        min: String(-REACH),
        max: String(REACH),
        step: '0.1',
        value: '0',
      });
      input.setAttribute('aria-label', `Direction ${i + 1}`);
      input.addEventListener('input', moved);
      input.addEventListener('change', released);
      const ends = [thumbnail(), thumbnail()] as const;
      row.append(ends[0], input, ends[1]);
      element('sliders', HTMLElement).append(row);
      return { input, ends };
    });
  }

  /** Where the sliders have moved the point to. */
  get values(): Float32Array {
    return this.#moved(this.#dials.map(({ input }) => input.valueAsNumber));
  }

  /** Both ends of each slider, the others as they are: one point after another. */
  get ends(): Float32Array {
    const now = this.#dials.map(({ input }) => input.valueAsNumber);
    const points = this.#dials.flatMap((_, i) =>
      [-REACH, REACH].flatMap((end) => [...this.#moved(now.with(i, end))]),
    );
    return Float32Array.from(points);
  }

  /** Whether a slider is away from its middle. */
  get isMoved(): boolean {
    return this.#dials.some(({ input }) => input.valueAsNumber !== 0);
  }

  /** Sets another point and the directions from there, the one with the largest effect first. */
  set(values: Float32Array, directions: readonly Float32Array[]): void {
    this.#start = values;
    this.#directions = directions;
    for (const { input } of this.#dials) {
      input.disabled = false;
      input.valueAsNumber = 0;
    }
  }

  /** Shows the pictures of the ends, two in a row. */
  showEnds({ data, width, height }: DrawnPicture): void {
    const picture = new ImageData(data, width, height);
    for (const [i, { ends }] of this.#dials.entries()) {
      for (const [side, canvas] of ends.entries()) {
        canvas.getContext('2d')?.putImageData(picture, -side * SIDE, -i * SIDE);
      }
    }
  }

  #moved(lengths: readonly number[]): Float32Array {
    return this.#start.map((value, i) =>
      this.#directions.reduce((sum, vector, k) => sum + lengths[k]! * vector[i]!, value),
    );
  }
}

function thumbnail(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [SIDE, SIDE];
  canvas.className = 'thumbnail';
  canvas.setAttribute('aria-hidden', 'true');
  return canvas;
}

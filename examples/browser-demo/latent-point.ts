import { element } from './page.ts';

const SLIDERS = 8;
/** Three in a thousand normally distributed numbers lie beyond it. */
const REACH = 3;

/** A point of the latent space, with sliders for its first numbers. */
export class LatentPoint {
  #values: Float32Array = new Float32Array();
  readonly #inputs: readonly HTMLInputElement[];

  /** @param changed - Called when a slider moves. */
  constructor(changed: () => void) {
    this.#inputs = Array.from({ length: SLIDERS }, (_, i) => {
      const label = document.createElement('label');
      const input = document.createElement('input');
      const output = document.createElement('output');
      Object.assign(input, {
        type: 'range',
        id: `latent-${i + 1}`,
        disabled: true,
        min: String(-REACH),
        max: String(REACH),
        step: '0.1',
        value: '0',
      });
      input.setAttribute('aria-label', `Latent number ${i + 1}`);
      input.addEventListener('input', () => {
        this.#values[i] = input.valueAsNumber;
        this.#show();
        changed();
      });
      label.append(String(i + 1), input, output);
      element('sliders', HTMLElement).append(label);
      return input;
    });
  }

  get values(): Float32Array {
    return this.#values;
  }

  /** Sets another point. */
  set(values: Float32Array): void {
    this.#values = values;
    for (const [i, input] of this.#inputs.entries()) {
      input.disabled = false;
      input.valueAsNumber = values[i] ?? 0;
    }
    this.#show();
  }

  #show(): void {
    for (const input of this.#inputs) {
      const output = input.nextElementSibling as HTMLOutputElement;
      output.value = input.valueAsNumber.toFixed(1).replace('-', '−');
    }
  }
}

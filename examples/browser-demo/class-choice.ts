import { element } from './page.ts';

/** The class that the visitor selects: all of them, each in its own column, or a single one. */
export class ClassChoice {
  readonly #changed: () => void;
  #names: readonly string[] = [];
  #selected: number | undefined;

  /** @param changed - Called when the selection changes. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Images per row and per column: about eight, so that the classes fill whole rows. */
  get sideOfGrid(): number {
    const classes = Math.max(1, this.#names.length);
    return classes * Math.ceil(8 / classes);
  }

  /** The selected class; none if all are. */
  get selected(): number | undefined {
    return this.#selected;
  }

  /** The labels of a grid; none for a generator without classes. */
  labelsOf(count: number): { readonly labels?: number | readonly number[] } {
    const classes = this.#names.length;
    if (classes === 0) return {};
    return { labels: this.#selected ?? Array.from({ length: count }, (_, i) => i % classes) };
  }

  /** The label of one sample; with all classes selected, one after the other. */
  labelOf(number: number): { readonly labels?: number } {
    const classes = this.#names.length;
    return classes === 0 ? {} : { labels: this.#selected ?? number % classes };
  }

  /** Shows the classes by name; hides the control if there are none. */
  show(names: readonly string[]): void {
    const group = element('classes', HTMLFieldSetElement);
    const same = String(names) === String(this.#names);
    group.hidden = names.length === 0;
    if (same) return;
    this.#names = names;
    this.#selected = undefined;
    const choices = [
      this.#button('all', undefined),
      ...names.map((name, label) => this.#button(name, label)),
    ];
    group.replaceChildren(...group.querySelectorAll('legend'), ...choices);
  }

  /** A radio button: the arrow keys go from one to the next. */
  #button(name: string, label: number | undefined): HTMLLabelElement {
    const button = document.createElement('label');
    const input = document.createElement('input');
    const text = document.createElement('span');
    Object.assign(input, { type: 'radio', name: 'class', checked: label === undefined });
    text.textContent = name;
    input.addEventListener('change', () => {
      this.#selected = label;
      this.#changed();
    });
    button.append(input, text);
    return button;
  }
}

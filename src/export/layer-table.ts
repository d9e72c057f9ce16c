import { checkOptions } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import type { PortableGraph } from './portable-graph.ts';

/** A table of writers by kind of layer, of which a caller's come first. @internal */
export class LayerTable<W> {
  /** Kinds that the caller writes. */
  readonly custom: ReadonlySet<string>;
  readonly #action: string;
  readonly #writers: Readonly<Record<string, W>>;
  readonly #call: string;

  /**
   * @param action - What is done, for the error.
   * @param known - This library's.
   * @param own - The caller's, unchecked.
   * @param call - What a writer looks like, for the error.
   */
  constructor(
    action: string,
    known: Readonly<Record<string, W>>,
    own: Readonly<Record<string, W>>,
    call: string,
  ) {
    checkOptions(action, own, undefined, 'layers');
    for (const [kind, writer] of Object.entries(own)) {
      if (typeof writer === 'function') continue;
      throw new TypeError(
        `Cannot ${action}: layers.${kind} must be a function that writes the layer, got ${formatValue(writer)}`,
      );
    }
    this.custom = new Set(Object.keys(own));
    this.#action = action;
    this.#writers = { ...known, ...own };
    this.#call = call;
  }

  /** The writer of a kind that {@link LayerTable.check} found. */
  of(kind: string): W {
    return this.#writers[kind]!;
  }

  /** Refuses a network with layers that are not in the table. */
  check({ nodes }: PortableGraph): void {
    const unknown = nodes.filter(({ layer }) => !Object.hasOwn(this.#writers, layer.kind));
    const [first] = unknown;
    if (first === undefined) return;
    const kinds = [...new Set(unknown.map(({ layer }) => layer.kind))];
    throw new RangeError(
      `Cannot ${this.#action}: the layer '${first.layer.name}' must be of a kind that can be written, ` +
        `got ${kinds.join(', ')}. Write it yourself: layers: { ${kinds.map((kind) => `${kind}: ${this.#call}`).join(', ')} }, ` +
        'as docs/guide/export.md shows',
    );
  }
}

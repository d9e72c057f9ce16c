import { formatShape } from '../../core/format.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import { missingWeight } from '../layer-config.ts';
import { permuted } from '../permuted.ts';
import type { PortableGraph, PortableValue } from '../portable-graph.ts';
import type { PortableLayer } from '../portable-layer.ts';
import type { LayerTable } from '../layer-table.ts';
import type { TorchLayer } from './torch-layer.ts';
import type { TorchModule, TorchWeight } from './torch-module.ts';

/** A weight as PyTorch has it, and where it comes from. @internal */
export interface WrittenWeight {
  readonly key: string;
  readonly array: NamedArray;
  /** Axis i of it is axis `order[i]` of the weight in TensorFlow.js. */
  readonly order: readonly number[];
}

/**
 * Writes a network as a class of Python, statement by statement.
 *
 * @internal
 */
export class ClassWriter {
  /** Lines of `__init__` and of `forward`. */
  readonly members: string[] = [];
  readonly statements: string[] = [];
  /** What stands before the class. */
  readonly definitions: Set<string> = new Set<string>();
  /** Weights by their names in the `state_dict()`. */
  readonly weights: Map<string, WrittenWeight> = new Map<string, WrittenWeight>();
  readonly #action: string;
  readonly #names = new Map<PortableValue, string>();
  /** Expressions of attributes by their names: a layer that is used twice has one. */
  readonly #attributes = new Map<string, string>();

  constructor(action: string) {
    this.#action = action;
  }

  write(graph: PortableGraph, table: LayerTable<TorchLayer>): void {
    for (const { name, value } of graph.inputs) this.#names.set(value, name);
    const isChain = isChainOf(graph);
    for (const [i, { layer, inputs, output }] of graph.nodes.entries()) {
      const given = inputs.map((input) => this.#names.get(input)!);
      const code = table.of(layer.kind)(layer, given, this.#moduleFor(layer));
      const name = isChain ? 'x' : `h${i + 1}`;
      this.#names.set(output, name);
      this.statements.push(`${name} = ${code}`);
    }
    const results = graph.outputs.map(({ value }) => this.#names.get(value)!);
    this.statements.push(`return ${results.join(', ')}`);
  }

  /** The lines of the class. */
  classLines(name: string, { inputs }: PortableGraph): string[] {
    return [
      `class ${name}(nn.Module):`,
      '    def __init__(self):',
      '        super().__init__()',
      ...this.members.map((line) => `        ${line}`),
      '',
      `    def forward(self, ${inputs.map((input) => input.name).join(', ')}):`,
      ...this.statements.map((line) => `        ${line}`),
    ];
  }

  /** The class as one layer sees it. */
  #moduleFor(layer: PortableLayer): TorchModule {
    return {
      member: (name, value, weights) => `self.${this.#member(layer, name, value, weights)}`,
      define: (code) => {
        this.definitions.add(code);
      },
    };
  }

  #member(
    layer: PortableLayer,
    name: string,
    value: string,
    weights: Readonly<Record<string, TorchWeight>>,
  ): string {
    // `3.conv2D` is the fourth layer.
    const first = `${name}_${layer.key.split('.')[0]}`;
    // A convolution that is used at two sizes may need two paddings: members that share their
    // weights.
    let attribute = first;
    for (let use = 2; this.#attributes.has(attribute); use += 1) {
      if (this.#attributes.get(attribute) === value) return attribute;
      attribute = `${first}_use${use}`;
    }
    this.#attributes.set(attribute, value);
    this.members.push(`self.${attribute} = ${value}`);
    for (const [inner, weight] of Object.entries(weights)) {
      const full = inner === '' ? attribute : `${attribute}.${inner}`;
      if (attribute !== first) {
        const path = inner === '' ? '' : `.${inner}`.replace(/\.(\d+)/g, '[$1]');
        this.members.push(`self.${attribute}${path} = self.${first}${path}`);
      }
      const key = `${layer.key}/${weight.role}`;
      const array = this.#arrayOf(layer, weight);
      const { order = array.shape.map((_, axis) => axis) } = weight;
      this.weights.set(full, { key, array, order });
    }
    return attribute;
  }

  #arrayOf(layer: PortableLayer, { role, order, shape, otherwise }: TorchWeight): NamedArray {
    const own = layer.weights[role];
    if (own === undefined && (otherwise === undefined || shape === undefined)) {
      throw missingWeight(this.#action, layer, role);
    }
    const sizes = shape?.reduce((product, size) => product * size, 1);
    if (own === undefined) {
      return { shape: shape!, values: new Float32Array(sizes!).fill(otherwise!) };
    }
    const moved = order === undefined ? own : permuted(own, order);
    if (shape === undefined) return moved;
    if (sizes === moved.values.length) return { shape, values: moved.values };
    throw new RangeError(
      `Cannot ${this.#action}: the weight ${layer.key}/${role} must have the shape ${formatShape(shape)} there, ` +
        `got ${formatShape(moved.shape)}`,
    );
  }
}

/** Whether each node takes no more than what the one before it made, and inputs of the network. */
function isChainOf({ nodes, inputs, outputs }: PortableGraph): boolean {
  const given = new Set(inputs.map(({ value }) => value));
  const kept = new Set(outputs.map(({ value }) => value));
  const areNext = nodes.every(({ inputs: values }, i) =>
    values.every((value) => value === nodes[i - 1]?.output || given.has(value)),
  );
  const areForgotten = nodes.slice(0, -1).every(({ output }) => !kept.has(output));
  return areNext && areForgotten && inputs.every(({ name }) => name !== 'x');
}

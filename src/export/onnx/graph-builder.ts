import { formatValue } from '../../core/format.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import {
  floatField,
  integerField,
  joinParts,
  messageField,
  type ProtobufPart,
  textField,
} from '../../io/protobuf.ts';
import { permuted } from '../permuted.ts';
import type { PortableLayer } from '../portable-layer.ts';
import { largestHalf, toHalves } from './half.ts';
import type { OnnxAttribute, OnnxGraph } from './onnx-graph.ts';
import { missingWeight } from '../layer-config.ts';

/** Kinds of numbers, as `TensorProto.DataType` counts them. @internal */
export const onnxTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, float16: 10 } as const;

/** An input or output of the whole graph; its batch is of any size. @internal */
export interface OnnxEnd {
  readonly name: string;
  readonly dtype: keyof typeof onnxTypes;
  /** Without the batch. */
  readonly shape: readonly number[];
}

/** What is said of a graph besides its operators. @internal */
export interface OnnxDescription {
  readonly name: string;
  readonly producer: readonly [name: string, version: string];
  readonly inputs: readonly OnnxEnd[];
  readonly outputs: readonly OnnxEnd[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** IR version 7 and opset 13, which ONNX Runtime reads since 1.6. */
const irVersion = 7;
const opset = 13;

/**
 * Collects the operators of one graph and writes them as a file. Fields are numbered by
 * `onnx.proto`.
 *
 * @internal
 */
export class GraphBuilder {
  readonly #nodes: ProtobufPart[] = [];
  readonly #initializers: ProtobufPart[] = [];
  /** How often a name was asked for. */
  readonly #names = new Map<string, number>();
  /** Weights by layer, role and order of axes: a layer that is used twice writes them once. */
  readonly #weights = new Map<string, string>();
  readonly #action: string;
  readonly #isHalf: boolean;

  constructor(action: string, precision: 'float32' | 'float16') {
    this.#action = action;
    this.#isHalf = precision === 'float16';
  }

  /** The graph as one layer sees it: what it adds is named after it. */
  for(layer: PortableLayer): OnnxGraph {
    return {
      op: (type, inputs, attributes) => this.op(type, inputs, attributes, `${layer.name}/${type}`),
      floats: (array) => this.floats(array, `${layer.name}/constant`),
      integers: (values) => this.integers(values, `${layer.name}/integers`),
      weight: (role, order) => this.#weight(layer, role, order),
    };
  }

  /** Keeps a name for an input or output of the graph. */
  reserve(name: string): void {
    this.#names.set(name, 1);
  }

  op(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    name: string = type,
  ): string {
    const output = this.#fresh(name);
    this.#node(type, inputs, attributes, output);
    return output;
  }

  /** Gives a value the name of an output of the graph. */
  nameOutput(value: string, name: string): void {
    this.#node('Identity', [value], {}, name);
  }

  floats({ shape, values }: NamedArray, name: string): string {
    this.#checkArray(name, shape, values.length);
    return this.#initializer(name, 'float32', shape, bytesOf(Float32Array.from(values)));
  }

  integers(values: readonly number[], name: string): string {
    const bytes = bytesOf(BigInt64Array.from(values, BigInt));
    return this.#initializer(name, 'int64', [values.length], bytes);
  }

  encode({ name, producer, inputs, outputs, metadata }: OnnxDescription): Uint8Array {
    return joinParts(
      integerField(1, irVersion),
      textField(2, producer[0]),
      textField(3, producer[1]),
      messageField(
        7,
        this.#nodes,
        textField(2, name),
        this.#initializers,
        inputs.map((end) => endField(11, end)),
        outputs.map((end) => endField(12, end)),
      ),
      messageField(8, textField(1, ''), integerField(2, opset)),
      Object.entries(metadata).map(([key, text]) =>
        messageField(14, textField(1, key), textField(2, text)),
      ),
    );
  }

  #weight(layer: PortableLayer, role: string, order: readonly number[] | undefined): string {
    const weight = layer.weights[role];
    if (weight === undefined) throw missingWeight(this.#action, layer, role);
    const name = `${layer.key}/${role}`;
    const id = `${name} ${String(order ?? '')}`;
    const known = this.#weights.get(id);
    if (known !== undefined) return known;
    const array = order === undefined ? weight : permuted(weight, order);
    // Offsets, scales and statistics are few, and a variance may be too small for a half.
    const isHalf = this.#isHalf && array.shape.length > 1;
    const written = isHalf ? this.#halves(array, name) : this.floats(array, name);
    this.#weights.set(id, written);
    return written;
  }

  /** Numbers that are stored in 16 bits and computed with in 32. */
  #halves({ shape, values }: NamedArray, name: string): string {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (!(largest <= largestHalf)) {
      throw new RangeError(
        `Cannot ${this.#action}: with precision 'float16' weights must be at most ${largestHalf}, ` +
          `got ${largest} in ${name}. Leave precision out`,
      );
    }
    const stored = this.#initializer(`${name}/half`, 'float16', shape, bytesOf(toHalves(values)));
    return this.op('Cast', [stored], { to: onnxTypes.float32 }, name);
  }

  #initializer(
    name: string,
    dtype: keyof typeof onnxTypes,
    shape: readonly number[],
    bytes: Uint8Array,
  ): string {
    const own = this.#fresh(name);
    this.#initializers.push(
      messageField(
        5,
        shape.map((size) => integerField(1, size)),
        integerField(2, onnxTypes[dtype]),
        textField(8, own),
        messageField(9, bytes),
      ),
    );
    return own;
  }

  #node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    output: string,
  ): void {
    this.#nodes.push(
      messageField(
        1,
        inputs.map((input) => textField(1, input)),
        textField(2, output),
        textField(3, output),
        textField(4, type),
        Object.entries(attributes).map(([key, value]) =>
          messageField(5, textField(1, key), this.#attribute(type, key, value)),
        ),
      ),
    );
  }

  /** A setting and its kind, as `AttributeProto.AttributeType` counts them. */
  #attribute(type: string, key: string, value: OnnxAttribute): ProtobufPart {
    if (typeof value === 'string') return [textField(4, value), integerField(20, 3)];
    if (typeof value === 'object' && 'float' in value) {
      return [floatField(2, value.float), integerField(20, 1)];
    }
    const integers = typeof value === 'number' ? [value] : value;
    if (!integers.every(Number.isSafeInteger)) {
      throw new RangeError(
        `Cannot ${this.#action}: the attribute ${key} of ${type} must be integers, a text or { float }, ` +
          `got ${formatValue(value)}`,
      );
    }
    if (typeof value === 'number') return [integerField(3, value), integerField(20, 2)];
    return [value.map((each) => integerField(8, each)), integerField(20, 7)];
  }

  #checkArray(name: string, shape: readonly number[], length: number): void {
    const wanted = shape.reduce((product, size) => product * size, 1);
    if (length === wanted) return;
    throw new RangeError(
      `Cannot ${this.#action}: ${name} must have ${wanted} values for its shape, got ${length}`,
    );
  }

  #fresh(name: string): string {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return count === 1 ? name : this.#fresh(`${name}_${count}`);
  }
}

/** `ValueInfoProto`: a name, a kind of number, and a shape that begins with a batch of any size. */
function endField(field: number, { name, dtype, shape }: OnnxEnd): ProtobufPart {
  const sizes = [
    messageField(1, textField(2, 'batch')),
    ...shape.map((size) => messageField(1, integerField(1, size))),
  ];
  const tensor = messageField(1, integerField(1, onnxTypes[dtype]), messageField(2, ...sizes));
  return messageField(field, textField(1, name), messageField(2, tensor));
}

/** Numbers as a file has them: little-endian, as in every machine with WebAssembly. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

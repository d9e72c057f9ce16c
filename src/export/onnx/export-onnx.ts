import { checkOneOf, withDefaults } from '../../core/checks.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import type { ValueRange } from '../../core/value-range.ts';
import { libraryVersion } from '../../core/version.ts';
import { Generator } from '../../models/generator.ts';
import type { Network } from '../../models/network.ts';
import { describeInput, describeNetwork, kindOf } from '../describe-network.ts';
import { LayerTable } from '../layer-table.ts';
import { portableGraph, type PortableGraph, type PortableValue } from '../portable-graph.ts';
import { checkNetwork, readWeights } from '../read-network.ts';
import { channelsFirst, channelsLast, scalar } from './channels.ts';
import { GraphBuilder, type OnnxEnd, onnxTypes } from './graph-builder.ts';
import { knownOnnxLayers } from './known-layers.ts';
import type { OnnxLayer } from './onnx-layer.ts';

/**
 * Settings of {@link exportOnnx}.
 *
 * @example For a phone: half the file, and pictures as bytes
 * ```ts
 * const options: ExportOnnxOptions = { precision: 'float16', pixels: 'bytes' };
 * const bytes = await exportOnnx(generator, options);
 * ```
 */
export interface ExportOnnxOptions {
  /**
   * Order of the axes of images that go in and come out: `[batch, height, width, channels]`, as in this library, or
   * `[batch, channels, height, width]`, as in PyTorch.
   *
   * @defaultValue `'nhwc'`
   */
  readonly layout?: 'nhwc' | 'nchw' | undefined;
  /**
   * Samples as the network makes them, such as −1…1, float32, or as bytes 0…255, uint8, ready to be shown.
   *
   * @defaultValue `'values'`
   */
  readonly pixels?: 'values' | 'bytes' | undefined;
  /**
   * How weights of two or more axes are stored. Computing is done in float32 always, and vectors stay float32.
   *
   * @defaultValue `'float32'`
   */
  readonly precision?: 'float32' | 'float16' | undefined;
  /**
   * Whether to take the averaged weights of a generator that was trained with `ema`, as `sample` does.
   *
   * @defaultValue `true`
   */
  readonly averaged?: boolean | undefined;
  /**
   * Writers of layers of your own, by their class; they come before those of this library.
   *
   * @defaultValue none
   */
  readonly layers?: Readonly<Record<string, OnnxLayer>> | undefined;
}

/**
 * Writes a network as an ONNX file, for ONNX Runtime in Python, C++, C#, Java, on phones and in browsers, and for what else
 * reads ONNX. No other package is needed.
 *
 * Opset 13, IR version 7. Inputs and outputs have the network's names: `latents`, `[batch, latentSize]`, float32; `labels`,
 * `[batch]`, int32; `samples`; `logits`. The batch may be of any size. The file's metadata hold what a program needs to draw
 * samples: `kind`, `layout`, `pixels`, `latentSize`, `latentDistribution`, `valueRange`, and as JSON in `inputs` what each
 * input is for, with the number of classes and how often each came in training.
 *
 * The network is written as it is used, not as it is trained: batch norm has its moving statistics, dropout is left out.
 * Results agree with `generate` and `logits` to 1e-5 of the largest value (docs/guide/export.md).
 *
 * @param network - A `Generator`, a `Discriminator` or any network; it stays as it is.
 * @param options - How the file is to be.
 * @returns The bytes of the file.
 * @throws RangeError if a layer has no writer (the error names it), a size is not known, or samples cannot be bytes; TypeError
 *   if `network` is none; Error if it was disposed.
 *
 * @example A file for Python
 * ```ts
 * const bytes = await exportOnnx(generator);
 * console.log(bytes instanceof Uint8Array); // true
 * ```
 *
 * @see {@link https://github.com/onnx/onnx/blob/main/docs/IR.md}
 */
export async function exportOnnx(
  network: Network,
  options: ExportOnnxOptions = {},
): Promise<Uint8Array> {
  const action = 'export to ONNX';
  const { layout, pixels, precision, averaged, layers } = withDefaults(action, options, {
    layout: 'nhwc',
    pixels: 'values',
    precision: 'float32',
    averaged: true,
    layers: {},
  });
  checkOneOf(action, 'layout', layout, ['nhwc', 'nchw']);
  checkOneOf(action, 'pixels', pixels, ['values', 'bytes']);
  checkOneOf(action, 'precision', precision, ['float32', 'float16']);
  checkOneOf(action, 'averaged', averaged, [true, false]);
  checkNetwork(action, network);
  const call = '(layer, inputs, graph) => graph.op(…)';
  const table = new LayerTable<OnnxLayer>(action, knownOnnxLayers, layers, call);
  const range = pixels === 'bytes' ? byteSource(action, network) : undefined;
  const weights = await readWeights(network, averaged);
  const graph = portableGraph(network, weights, table.custom);
  table.check(graph);
  const builder = new GraphBuilder(action, precision);
  const ends = writeGraph(builder, graph, { table, layout, range });
  const inputs = ends.inputs.map(({ name, dtype, shape }) => [
    name,
    { ...describeInput(network, name), dtype, shape },
  ]);
  return builder.encode({
    ...ends,
    name: kindOf(network),
    producer: ['tfjs-gan', libraryVersion],
    metadata: {
      ...describeNetwork(network),
      layout,
      pixels,
      inputs: JSON.stringify(Object.fromEntries(inputs)),
    },
  });
}

interface Writing {
  readonly table: LayerTable<OnnxLayer>;
  readonly layout: 'nhwc' | 'nchw';
  /** Where samples lie that become bytes. */
  readonly range: ValueRange | undefined;
}

/** Adds the nodes of a network, and says what goes in and comes out. */
function writeGraph(
  builder: GraphBuilder,
  graph: PortableGraph,
  { table, layout, range }: Writing,
): { readonly inputs: readonly OnnxEnd[]; readonly outputs: readonly OnnxEnd[] } {
  const names = new Map<PortableValue, string>();
  const shapeOf = ({ shape }: PortableValue): readonly number[] =>
    layout === 'nchw' && shape.length === 3 ? [shape[2]!, shape[0]!, shape[1]!] : shape;
  for (const { name } of [...graph.inputs, ...graph.outputs]) builder.reserve(name);
  const inputs = graph.inputs.map(({ name, dtype, value }): OnnxEnd => {
    const turns = layout === 'nhwc' && value.shape.length === 3;
    const held = turns ? builder.op('Transpose', [name], { perm: channelsFirst }) : name;
    names.set(value, held);
    return { name, dtype, shape: shapeOf(value) };
  });
  for (const { layer, inputs: values, output } of graph.nodes) {
    const given = values.map((value) => names.get(value)!);
    names.set(output, table.of(layer.kind)(layer, given, builder.for(layer)));
  }
  const outputs = graph.outputs.map(({ name, value }): OnnxEnd => {
    const isBytes = range !== undefined && name === 'samples';
    const made = names.get(value)!;
    const written = isBytes ? writeBytes(builder, made, range) : made;
    const turns = layout === 'nhwc' && value.shape.length === 3;
    const turned = turns ? builder.op('Transpose', [written], { perm: channelsLast }) : written;
    builder.nameOutput(turned, name);
    return { name, dtype: isBytes ? 'uint8' : 'float32', shape: shapeOf(value) };
  });
  return { inputs, outputs };
}

/** Rounds as pictures of this library do: ⌊255 · (x − low) / (high − low) + ½⌋. */
function writeBytes(builder: GraphBuilder, samples: string, [low, high]: ValueRange): string {
  const scale = 255 / (high - low);
  const graph = builder.for(pixelLayer);
  const scaled = graph.op('Mul', [samples, scalar(graph, scale)]);
  const floor = graph.op('Floor', [graph.op('Add', [scaled, scalar(graph, 0.5 - low * scale)])]);
  const bounded = graph.op('Clip', [floor, scalar(graph, 0), scalar(graph, 255)]);
  return graph.op('Cast', [bounded], { to: onnxTypes.uint8 });
}

/** What operators for bytes are named after. */
const pixelLayer = {
  kind: 'Pixels',
  name: 'pixels',
  key: 'pixels',
  config: {},
  weights: {},
  inputShapes: [],
  outputShape: [],
};

/** The interval in which the samples of a generator of images lie. */
function byteSource(action: string, network: Network): ValueRange {
  if (!(network instanceof Generator)) {
    throw new RangeError(
      `Cannot ${action}: with pixels 'bytes' network must be a Generator, which makes samples, ` +
        `got one that makes ${formatValue(network.outputs.join(', '))}. Leave pixels out`,
    );
  }
  const { valueRange, outputShape } = network;
  if (valueRange === undefined || outputShape.length !== 3) {
    throw new RangeError(
      `Cannot ${action}: with pixels 'bytes' the generator must make images and end in tanh or sigmoid, ` +
        `got samples of shape ${formatShape(outputShape)}${valueRange === undefined ? ' of any size' : ''}. ` +
        'Leave pixels out, and scale them yourself',
    );
  }
  return valueRange;
}

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
import { heldShape } from '../channels-first.ts';

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
   * Axis order of input and output images: `[batch, height, width, channels]`, as in this library,
   * or `[batch, channels, height, width]`, as in PyTorch.
   *
   * @defaultValue `'nhwc'`
   */
  readonly layout?: 'nhwc' | 'nchw' | undefined;
  /**
   * Samples as the network outputs them, such as −1…1, float32, or as bytes 0…255, uint8, ready to
   * display.
   *
   * @defaultValue `'values'`
   */
  readonly pixels?: 'values' | 'bytes' | undefined;
  /**
   * Storage type of weights with two or more axes. Computation is always in float32, and vectors
   * stay float32.
   *
   * @defaultValue `'float32'`
   */
  readonly precision?: 'float32' | 'float16' | undefined;
  /**
   * Whether to export the averaged weights of a generator trained with `ema`, as `sample` uses.
   *
   * @defaultValue `true`
   */
  readonly averaged?: boolean | undefined;
  /**
   * Writers of custom layers, by class name; they override those of this library.
   *
   * @defaultValue none
   */
  readonly layers?: Readonly<Record<string, OnnxLayer>> | undefined;
}

/**
 * Writes a network as an ONNX file, for ONNX Runtime in Python, C++, C#, Java, on phones and in
 * browsers, and for other programs that read ONNX. It requires no other package.
 *
 * Opset 13, IR version 7. Inputs and outputs have the network's names: `latents`,
 * `[batch, latentSize]`, float32; `labels`, `[batch]`, int32; `samples`; `logits`. The batch size
 * is dynamic. The file's metadata has everything that sampling requires: `kind`, `layout`,
 * `pixels`, `latentSize`, `latentDistribution`, `valueRange`, and `inputs` (JSON): the purpose of
 * each input, the number of classes and their frequencies in training.
 *
 * The network is exported in inference mode: batch norm uses its moving statistics, and dropout is
 * removed. Results agree with `generate` and `logits` to 1e-5 of the largest value
 * (docs/guide/export.md).
 *
 * @param network - A `Generator`, a `Discriminator` or any network; it is not modified.
 * @param options - Settings of the file.
 * @returns The bytes of the file.
 * @throws RangeError if a layer has no writer (the error names it), a size is unknown, or samples
 *   cannot be bytes; TypeError if `network` is not a network; Error if it was disposed.
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

/** Adds the nodes, inputs and outputs of a network. */
function writeGraph(
  builder: GraphBuilder,
  graph: PortableGraph,
  { table, layout, range }: Writing,
): { readonly inputs: readonly OnnxEnd[]; readonly outputs: readonly OnnxEnd[] } {
  const names = new Map<PortableValue, string>();
  const shapeOf = ({ shape }: PortableValue): readonly number[] =>
    layout === 'nchw' ? heldShape(shape) : shape;
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

/** Rounds as the image encoders of this library do: ⌊255 · (x − low) / (high − low) + ½⌋. */
function writeBytes(builder: GraphBuilder, samples: string, [low, high]: ValueRange): string {
  const scale = 255 / (high - low);
  const graph = builder.for(pixelLayer);
  const scaled = graph.op('Mul', [samples, scalar(graph, scale)]);
  const floor = graph.op('Floor', [graph.op('Add', [scaled, scalar(graph, 0.5 - low * scale)])]);
  const bounded = graph.op('Clip', [floor, scalar(graph, 0), scalar(graph, 255)]);
  return graph.op('Cast', [bounded], { to: onnxTypes.uint8 });
}

/** Name prefix of the operators for bytes. */
const pixelLayer = {
  kind: 'Pixels',
  name: 'pixels',
  key: 'pixels',
  config: {},
  weights: {},
  inputShapes: [],
  outputShape: [],
};

/** Value range of the samples of an image generator. */
function byteSource(action: string, network: Network): ValueRange {
  if (!(network instanceof Generator)) {
    throw new RangeError(
      `Cannot ${action}: with pixels 'bytes' network must be a Generator, which outputs samples, ` +
        `got one that outputs ${formatValue(network.outputs.join(', '))}. Leave pixels out`,
    );
  }
  const { valueRange, outputShape } = network;
  if (valueRange === undefined || outputShape.length !== 3) {
    throw new RangeError(
      `Cannot ${action}: with pixels 'bytes' the generator must output images and end in tanh or sigmoid, ` +
        `got samples of shape ${formatShape(outputShape)}${valueRange === undefined ? ' of any size' : ''}. ` +
        'Leave pixels out, and scale them yourself',
    );
  }
  return valueRange;
}

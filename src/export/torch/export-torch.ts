import { checkOneOf, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { encodeText } from '../../core/text.ts';
import { libraryVersion } from '../../core/version.ts';
import { encodeSafetensors } from '../../io/safetensors.ts';
import type { Network } from '../../models/network.ts';
import { torchInput } from '../example-inputs.ts';
import { describeInput, describeNetwork, kindOf } from '../describe-network.ts';
import { LayerTable } from '../layer-table.ts';
import { portableGraph, type PortableGraph, type PortableValue } from '../portable-graph.ts';
import { checkNetwork, readWeights } from '../read-network.ts';
import { ClassWriter } from './class-writer.ts';
import { knownTorchLayers } from './known-layers.ts';
import type { TorchLayer } from './torch-layer.ts';
import { heldShape } from '../channels-first.ts';

/**
 * Settings of {@link exportTorch}.
 *
 * @example Another name for the class and the files
 * ```ts
 * const options: ExportTorchOptions = { className: 'DigitPainter' };
 * console.log(Object.keys(await exportTorch(generator, options))); // [ 'digit_painter.py', 'digit_painter.safetensors' ]
 * ```
 */
export interface ExportTorchOptions {
  /**
   * Name of the Python class; the files are named after it, in lower case.
   *
   * @defaultValue `'Generator'`, `'Discriminator'` or `'Network'`
   */
  readonly className?: string | undefined;
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
  readonly layers?: Readonly<Record<string, TorchLayer>> | undefined;
}

/**
 * Writes a network as a readable PyTorch module and its weights as a safetensors file, with
 * PyTorch's names and axis orders. Python requires only `torch`:
 * `generator = load('generator.safetensors')`.
 *
 * Images are channels first, `[batch, channels, height, width]`; labels are `[batch]`, of any
 * integer type. A table below the class maps each weight to its key in this library. `load` returns
 * the network in inference mode. After `.train()`, the moving variance of batch norm divides by n −
 * 1, that of this library by n; dropout is omitted.
 *
 * @param network - A `Generator`, a `Discriminator` or any network; it is not modified.
 * @param options - Which weights, and custom layers.
 * @returns The files by name, such as `generator.py` and `generator.safetensors`.
 * @throws RangeError if a layer has no writer (the error names it) or a size is unknown; TypeError
 *   if `network` is not a network; Error if it was disposed.
 *
 * @example The lines that Python runs
 * ```ts
 * const files = await exportTorch(generator);
 * const code = new TextDecoder().decode(files['generator.py']);
 * console.log(code.includes('class Generator(nn.Module):')); // true
 * ```
 */
export async function exportTorch(
  network: Network,
  options: ExportTorchOptions = {},
): Promise<Readonly<Record<string, Uint8Array>>> {
  const action = 'export to PyTorch';
  const { className, averaged, layers } = withDefaults(action, options, {
    className: undefined,
    averaged: true,
    layers: {},
  });
  checkOneOf(action, 'averaged', averaged, [true, false]);
  checkNetwork(action, network);
  const kind = kindOf(network);
  const name = className ?? `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  checkClassName(action, name);
  const call = '(layer, inputs, module) => `…`';
  const table = new LayerTable<TorchLayer>(action, knownTorchLayers, layers, call);
  const weights = await readWeights(network, averaged);
  const graph = portableGraph(network, weights, table.custom);
  checkInputNames(action, graph);
  table.check(graph);
  const writer = new ClassWriter(action);
  writer.write(graph, table);
  const file = name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
  const arrays = [...writer.weights].map(([key, { array }]) => [key, array] as const);
  const facts = { ...describeNetwork(network), inputs: inputFacts(network) };
  return {
    [`${file}.py`]: encodeText(moduleText({ network, name, file, graph, writer })),
    [`${file}.safetensors`]: encodeSafetensors(Object.fromEntries(arrays), {
      format: 'pt',
      producer: `tfjs-gan ${libraryVersion}`,
      ...facts,
    }),
  };
}

function inputFacts(network: Network): string {
  const names = Object.keys(network.inputs);
  return JSON.stringify(
    Object.fromEntries(names.map((name) => [name, describeInput(network, name)])),
  );
}

interface ModuleParts {
  readonly network: Network;
  readonly name: string;
  readonly file: string;
  readonly graph: PortableGraph;
  readonly writer: ClassWriter;
}

function moduleText({ network, name, file, graph, writer }: ModuleParts): string {
  const { definitions, weights } = writer;
  const shapes = (
    ends: readonly { readonly name: string; readonly value: PortableValue }[],
  ): string => ends.map((end) => `${end.name} ${shapeText(end.value.shape)}`).join(', ');
  const rows = [...weights].map(([key, { key: ours }]) => `    '${key}': '${ours}',`);
  const blocks = [
    [
      `"""${name} of tfjs-gan ${libraryVersion}: ${shapes(graph.inputs)} to ${shapes(graph.outputs)}.`,
      '',
      'Images are channels first here; flat vectors keep the order of tfjs-gan, channels last.',
      '',
      `    network = load('${file}.safetensors')`,
      ...usage(network, graph),
      '"""',
    ],
    [
      ...[
        'import json',
        '',
        'import torch',
        'import torch.nn.functional as F',
        'from torch import nn',
      ],
    ],
    ...[...definitions].sort().map((code) => code.split('\n')),
    writer.classLines(name, graph),
    loadText(name),
    [
      '# The weights, and their keys in checkpoints and safetensors files of tfjs-gan.',
      'KEYS = {',
      ...rows,
      '}',
    ],
  ];
  return `${blocks
    .map((lines) => lines.join('\n'))
    .join('\n\n\n')
    .replace('"""\n\n\nimport', '"""\n\nimport')}\n`;
}

/** One line of Python that uses the network. */
function usage(network: Network, graph: PortableGraph): string[] {
  const given = graph.inputs.map(({ name, value }) => {
    return torchInput(network.inputs[name]!, [8, ...heldShape(value.shape)]);
  });
  return [
    '    with torch.no_grad():',
    `        ${graph.outputs.map(({ name }) => name).join(', ')} = network(${given.join(', ')})`,
  ];
}

function loadText(name: string): string[] {
  return [
    'def read_weights(path):',
    '    """The tensors of a safetensors file of 32-bit floats, by name."""',
    "    with open(path, 'rb') as file:",
    "        header = json.loads(file.read(int.from_bytes(file.read(8), 'little')))",
    '        data = bytearray(file.read())',
    "    header.pop('__metadata__', None)",
    '    return {',
    "        name: torch.frombuffer(data[slice(*entry['data_offsets'])], dtype=torch.float32).reshape(entry['shape'])",
    '        for name, entry in header.items()',
    '    }',
    '',
    '',
    'def load(path):',
    '    """The network with its weights, for use: statistics of batch norm stay as they are."""',
    `    network = ${name}()`,
    '    network.load_state_dict(read_weights(path))',
    '    return network.eval()',
  ];
}

function shapeText(shape: readonly number[]): string {
  return `[${['N', ...heldShape(shape)].join(', ')}]`;
}

function checkClassName(action: string, name: string): void {
  const isName = typeof name === 'string' && /^[A-Z][A-Za-z0-9]*$/.test(name);
  if (isName && !takenNames.has(name)) return;
  throw new RangeError(
    `Cannot ${action}: className must be a capital letter, then letters and digits, and no name that the module uses, got ${formatValue(name)}`,
  );
}

/**
 * Class names that would hide a word of Python, a class of the module or, as a file, a package that
 * it imports.
 */
const takenNames: ReadonlySet<string> = new Set([
  ...['True', 'False', 'None', 'F', 'Torch', 'Json'],
  ...['ProjectionHead', 'ClassBatchNorm', 'VectorBatchNorm'],
]);

/** Reserved words of Python, and names that the module uses. */
const reservedWords: ReadonlySet<string> = new Set(
  (
    'False None True and as assert async await break class continue def del elif else ' +
    'except finally for from global if import in is lambda nonlocal not or pass raise ' +
    'return try while with yield self torch nn F json len'
  ).split(' '),
);

function checkInputNames(action: string, { inputs }: PortableGraph): void {
  const strange = inputs.find(
    ({ name }) =>
      !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || reservedWords.has(name) || /^h\d+$/.test(name),
  );
  if (strange === undefined) return;
  throw new RangeError(
    `Cannot ${action}: names of inputs must be names of Python other than h1, h2, …, got ${formatValue(strange.name)}. ` +
      'Rename the input: { model, inputs, outputs }',
  );
}

import type { GameNetworks } from '../games/game.ts';

/** A layer of a network, in words. @internal */
export interface LayerOutline {
  /** What it does: its class and the settings that decide its size. */
  readonly kind: string;
  /** Shape of its output without the batch; empty if it has several. */
  readonly output: string;
  /** Names and shapes of its weights. */
  readonly weights: string;
  /** How many numbers they are. */
  readonly count: number;
}

/** A network of a run, in words: plain data. @internal */
export interface NetworkOutline {
  readonly name: string;
  /** Whether it is trained, or frozen. */
  readonly trained: boolean;
  readonly layers: readonly LayerOutline[];
}

/** A layer of TensorFlow.js. */
type Layer = GameNetworks[string]['network']['model']['layers'][number];

/** Layers, shapes and weights of the networks of a game. @internal */
export function outlineNetworks(networks: GameNetworks): readonly NetworkOutline[] {
  return Object.entries(networks).map(([name, { network, optimizer }]) => ({
    name,
    trained: optimizer !== undefined,
    layers: network.model.layers.map((layer) => outlineLayer(layer, inputName(network, layer))),
  }));
}

function outlineLayer(layer: Layer, input: string | undefined): LayerOutline {
  const kind = input === undefined ? layer.getClassName() : `Input ${input}`;
  return {
    kind: [kind, ...settingsOf(layer)].join(', '),
    output: outputOf(layer),
    weights: layer.weights.map(({ name, shape }) => `${lastPart(name)} ${sizes(shape)}`).join(', '),
    count: layer.weights.reduce(
      (sum, { shape }) => sum + shape.reduce<number>((size, length) => size * (length ?? 1), 1),
      0,
    ),
  };
}

/** The name of the input that a layer is; undefined if it is none. */
function inputName(
  { inputs, model }: GameNetworks[string]['network'],
  layer: Layer,
): string | undefined {
  const place = model.inputs.findIndex(({ sourceLayer }) => sourceLayer === layer);
  const isInput = place >= 0 && layer.getClassName() === 'InputLayer';
  return isInput ? Object.keys(inputs)[place] : undefined;
}

/** The settings that distinguish layers of one class. */
function settingsOf(layer: Layer): readonly string[] {
  const { kernelSize, strides, activation, rate, alpha } = layer.getConfig();
  const kernel = Array.isArray(kernelSize) ? `kernel ${sizes(kernelSize as number[])}` : undefined;
  const stride = Array.isArray(strides) ? Number(strides[0]) : 1;
  const parts = [
    kernel,
    stride > 1 && `stride ${stride}`,
    typeof activation === 'string' && activation !== 'linear' && activation,
    typeof rate === 'number' && `rate ${rate}`,
    typeof alpha === 'number' && `slope ${alpha}`,
  ];
  return parts.filter((part) => typeof part === 'string');
}

/** A layer that is used several times may have no single shape; then its getter throws. */
function outputOf(layer: Layer): string {
  try {
    const { outputShape } = layer;
    const shapes = (Array.isArray(outputShape[0]) ? outputShape : [outputShape]) as number[][];
    return shapes.map((shape) => sizes(shape.slice(1)) || '1').join(' and ');
  } catch {
    return '';
  }
}

function sizes(shape: readonly (number | null)[]): string {
  return shape.map((length) => length ?? '?').join('×');
}

/** The name of a weight without its layer's name and a number at the end. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/_\d+$/, '');
}

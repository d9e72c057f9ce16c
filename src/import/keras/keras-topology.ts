import { isRecord } from '../../core/checks.ts';
import { DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';
import { messageOf } from '../../core/realms.ts';

/** A model or a layer as Keras describes it. @internal */
export interface KerasPart {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The layers of a model as Keras 2 describes them, which TensorFlow.js reads.
 *
 * Initializers are left out: the file has the weights.
 *
 * @param part - The model, as Keras 2 or 3 wrote it.
 * @param options - Name of the file in messages, and which of the two it was.
 * @throws DataFormatError if it has what TensorFlow.js would compute differently.
 *
 * @internal
 */
export function kerasTopology(
  part: unknown,
  options: { readonly file: string; readonly isKeras3: boolean },
): KerasPart {
  try {
    return new Reader(options).model(part, 'the model');
  } catch (error) {
    if (error instanceof DataFormatError) throw error;
    // Numbers where Keras writes lists, or objects so deep that they overflow the stack.
    throw new DataFormatError(
      'Keras',
      `Cannot read ${options.file}: its layers must be described as Keras does, got "${messageOf(error)}". The file is damaged`,
      { cause: error },
    );
  }
}

/** Layers inside a model, as `kerasTopology` returns them. @internal */
export function layersIn({ config }: KerasPart): readonly KerasPart[] | undefined {
  return Array.isArray(config['layers']) ? (config['layers'] as readonly KerasPart[]) : undefined;
}

type Config = Readonly<Record<string, unknown>>;

/** Origin of a tensor: a layer, which use of it, which of its outputs; and options of a call. */
type History = readonly [name: string, use: number, output: unknown, options?: unknown];

/** A layer in a model, and its calls in a functional one. */
type LayerPart = KerasPart & { readonly inbound_nodes?: readonly (readonly History[])[] };

/** Names of activations that TensorFlow.js has under another one. */
const activationNames: ReadonlyMap<string, string> = new Map([['silu', 'swish']]);

/** Names of settings that TensorFlow.js has under another one, by kind of layer. */
const settingNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LeakyReLU: { negative_slope: 'alpha' },
};

class Reader {
  readonly #file: string;
  readonly #isKeras3: boolean;

  constructor({ file, isKeras3 }: { readonly file: string; readonly isKeras3: boolean }) {
    this.#file = file;
    this.#isKeras3 = isKeras3;
  }

  model(part: unknown, name: string): KerasPart {
    const { class_name: kind, config } = this.#part(part, name);
    // The first version of Keras 2 wrote the layers of a Sequential as a list.
    const settings: Config = Array.isArray(config)
      ? { name: 'sequential', layers: config }
      : config;
    const { layers } = settings;
    if (!Array.isArray(layers)) {
      throw this.#refuse(
        `${name} must be a Sequential or functional model, got ${kind}, a class whose code is not in the file. ` +
          'Save the networks inside it, such as gan.generator.save(…)',
      );
    }
    const isFunctional = settings['input_layers'] !== undefined;
    const read = layers.map((layer: unknown) => this.#layer(layer));
    return {
      class_name: isFunctional ? 'Model' : 'Sequential',
      config: {
        name: settings['name'],
        ...(settings['trainable'] === false && { trainable: false }),
        layers: this.#isKeras3 ? withUsesOfModels(read) : read,
        ...(isFunctional && {
          input_layers: this.#ends(settings['input_layers'], read),
          output_layers: this.#ends(settings['output_layers'], read),
        }),
      },
    };
  }

  #layer(layer: unknown): LayerPart {
    const { class_name: kind, config, ...rest } = this.#part(layer, 'a layer');
    const name = `the layer ${formatValue(config['name'])} (${kind})`;
    if (typeof config['name'] !== 'string') throw this.#refuse('a layer has no name');
    // Operators between tensors, such as x * 2, are layers of classes that Keras alone has.
    if (String(rest['module']).includes('.ops.')) {
      throw this.#refuse(
        `${name} must be a layer, got an operation of Keras. Use a layer, such as keras.layers.Add()([a, b])`,
      );
    }
    const { inbound_nodes: nodes, name: ownName } = rest;
    const wiring = nodes === undefined ? {} : { inbound_nodes: this.#nodes(nodes, name) };
    const inner = kind !== 'InputLayer' && Array.isArray(config['layers']);
    const read = inner
      ? this.model(layer, name)
      : { class_name: kind, config: this.#settings(kind, config, name) };
    return { ...read, ...(ownName !== undefined && { name: ownName }), ...wiring };
  }

  #settings(kind: string, config: Config, name: string): Config {
    const names = settingNames[kind] ?? {};
    return Object.fromEntries(
      Object.entries(config).flatMap(([key, value]): [string, unknown][] => {
        if (key.endsWith('_initializer') || key === 'build_config') return [];
        if (key === 'batch_shape') return [['batch_input_shape', value]];
        if (key === 'dtype') return [['dtype', this.#dtype(kind, value, name)]];
        if (key.endsWith('activation')) return [[key, this.#activation(value, name)]];
        if (key.endsWith('_regularizer')) return [[key, regularizer(value)]];
        // Wrappers, such as TimeDistributed.
        if (isRecord(value) && 'class_name' in value && 'config' in value) {
          return [[key, key === 'layer' ? this.#layer(value) : plain(value)]];
        }
        // Keras 2 writes the axis of batch norm as a list of one.
        if (key === 'axis' && kind === 'BatchNormalization' && Array.isArray(value)) {
          return [[key, value.length === 1 ? (value[0] as unknown) : value]];
        }
        return [[names[key] ?? key, value]];
      }),
    );
  }

  /** A dtype, or the policy that Keras 3 writes: TensorFlow.js computes in 32 bits. */
  #dtype(kind: string, value: unknown, name: string): string {
    const policy = isRecord(value) && isRecord(value['config']) ? value['config']['name'] : value;
    if (policy === undefined || policy === null) return 'float32';
    const dtype = typeof policy === 'string' ? policy : '';
    if (/^(mixed_)?(b?float16)$|^float32$/.test(dtype)) return 'float32';
    if (kind === 'InputLayer' && /^u?int(8|16|32|64)$/.test(dtype)) return 'int32';
    throw this.#refuse(
      `the dtype of ${name} must be a float of at most 32 bits, got ${formatValue(policy)}`,
    );
  }

  #activation(value: unknown, name: string): unknown {
    const isFunction = isRecord(value) && value['class_name'] === 'function';
    const activation = isFunction ? value['config'] : value;
    if (activation === null || activation === undefined) return 'linear';
    if (typeof activation !== 'string') {
      throw this.#refuse(
        `the activation of ${name} must be one of Keras' own by name, got ${formatValue(isRecord(activation) ? activation['class_name'] : activation)}`,
      );
    }
    if (activation === 'leaky_relu') {
      throw this.#refuse(
        `the activation of ${name} must be one of TensorFlow.js, got 'leaky_relu'. Use a layer of its own, keras.layers.LeakyReLU`,
      );
    }
    return activationNames.get(activation) ?? activation;
  }

  /** Ends of a functional model: `[['a', 0, 0], …]`; Keras 3 writes one without the outer list. */
  #ends(ends: unknown, layers: readonly LayerPart[]): readonly History[] {
    const found: History[] = [];
    const walk = (part: unknown): void => {
      if (isHistory(part)) found.push([part[0], part[1], part[2]]);
      else if (Array.isArray(part)) part.forEach(walk);
      else if (isRecord(part)) Object.values(part).forEach(walk);
    };
    walk(ends);
    return this.#isKeras3 ? found.map((history) => afterOwn(history, modelsAmong(layers))) : found;
  }

  #nodes(nodes: unknown, name: string): readonly (readonly History[])[] {
    if (!Array.isArray(nodes)) throw this.#refuse(`${name} must have a list of inbound_nodes`);
    return nodes.map((node: unknown) => {
      // Keras 2: [['a', 0, 0, {}], …], or ['a', 0, 0, {}].
      if (Array.isArray(node)) {
        const calls = (isHistory(node) ? [node] : node) as readonly History[];
        for (const [, , , options] of calls) this.#checkCall(options, name);
        return calls.map(([from, node, output]): History => [from, node, output, {}]);
      }
      const { args, kwargs } = (node ?? {}) as {
        readonly args?: unknown;
        readonly kwargs?: unknown;
      };
      this.#checkCall(kwargs, name);
      return this.#tensors(args, name);
    });
  }

  /** The origins of the tensors of a call in Keras 3; anything else in it is refused. */
  #tensors(part: unknown, name: string): readonly History[] {
    if (Array.isArray(part)) return part.flatMap((each: unknown) => this.#tensors(each, name));
    if (isRecord(part) && part['class_name'] === '__keras_tensor__' && isRecord(part['config'])) {
      const history = part['config']['keras_history'];
      if (isHistory(history)) return [[history[0], history[1], history[2], {}]];
    }
    throw this.#refuse(`${name} must be called with tensors, got ${formatValue(part)}`);
  }

  #checkCall(options: unknown, name: string): void {
    if (options === undefined || options === null) return;
    const given = Object.entries(options).find(([, value]) => value !== null && value !== false);
    if (given === undefined) return;
    throw this.#refuse(`${name} must be called with tensors alone, got the argument ${given[0]}`);
  }

  #part(part: unknown, name: string): KerasPart & Config {
    const { class_name: kind, config } = isRecord(part) ? part : {};
    if (typeof kind === 'string' && (isRecord(config) || Array.isArray(config))) {
      return part as KerasPart & Config;
    }
    throw this.#refuse(
      `${name} must be described by a class_name and a config, got ${formatValue(part)}`,
    );
  }

  #refuse(fault: string): DataFormatError {
    return new DataFormatError('Keras', `Cannot read ${this.#file}: ${fault}`);
  }
}

function isHistory(part: unknown): part is History {
  return Array.isArray(part) && typeof part[0] === 'string' && typeof part[1] === 'number';
}

function modelsAmong(layers: readonly LayerPart[]): ReadonlySet<unknown> {
  return new Set(
    layers.filter((layer) => layersIn(layer) !== undefined).map(({ config }) => config['name']),
  );
}

/**
 * Keras 3 counts the uses of a model inside a model from 0; before it, use 0 was the model itself.
 */
function withUsesOfModels(layers: readonly LayerPart[]): readonly LayerPart[] {
  const models = modelsAmong(layers);
  return layers.map((layer) => ({
    ...layer,
    ...(layer.inbound_nodes !== undefined && {
      inbound_nodes: layer.inbound_nodes.map((calls) =>
        calls.map((history) => afterOwn(history, models)),
      ),
    }),
  }));
}

function afterOwn(history: History, models: ReadonlySet<unknown>): History {
  const [name, use, ...rest] = history;
  return models.has(name) ? [name, use + 1, ...rest] : history;
}

/** Keras 3 names the regularizers L1, L2 and L1L2 differently. */
function regularizer(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value['config'])) return value;
  const kind = value['class_name'];
  if (kind !== 'L1' && kind !== 'L2') return plain(value);
  return { class_name: 'L1L2', config: { l1: 0, l2: 0, ...value['config'] } };
}

/** An object of Keras without what Keras 3 adds. */
function plain({ class_name, config }: Config): Config {
  return { class_name, config };
}

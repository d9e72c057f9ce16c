import { DataFormatError } from '../../core/errors.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import { messageOf } from '../../core/realms.ts';

/** What this library uses of jsfive, which has no types. */
interface Jsfive {
  readonly File: new (bytes: ArrayBuffer, name: string) => JsfiveGroup;
}

interface JsfiveGroup {
  readonly keys: readonly string[];
  readonly attrs: Readonly<Record<string, unknown>>;
  get(name: string): JsfiveGroup | JsfiveDataset;
}

interface JsfiveDataset {
  readonly shape: readonly number[];
  readonly dtype: unknown;
  readonly value: ArrayLike<number>;
}

/** How many numbers a byte of a file may hold: compression makes them a thousand times smaller. */
const mostPerByte = 1024;

/**
 * A group of an HDF5 file.
 *
 * @internal
 */
export class Hdf5Group {
  readonly #group: JsfiveGroup;
  readonly #path: string;
  readonly #file: string;
  readonly #length: number;

  /**
   * @param group - The group of jsfive.
   * @param path - Its path in the file.
   * @param file - Name of the file in messages.
   * @param length - Length of the file in bytes.
   */
  constructor(group: JsfiveGroup, path: string, file: string, length: number) {
    this.#group = group;
    this.#path = path;
    this.#file = file;
    this.#length = length;
  }

  /** Names of the groups and arrays inside. */
  get names(): readonly string[] {
    return this.#read(() => this.#group.keys);
  }

  /**
   * How many numbers the arrays inside have, also those of groups inside; at most what the file can
   * hold, whatever a damaged one declares.
   */
  get numbers(): number {
    return Math.min(
      this.#read(() => numbersIn(this.#group)),
      mostPerByte * this.#length,
    );
  }

  /** An attribute that is a text. */
  text(name: string): string | undefined {
    const value = this.#attribute(name);
    // h5py writes a text also as an array of one.
    const [text] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
    return typeof text === 'string' ? text.replace(/\0+$/, '') : undefined;
  }

  /** An attribute that is a list of texts. Keras divides long ones: `names0`, `names1`, … */
  texts(name: string): readonly string[] | undefined {
    const whole = this.#attribute(name);
    if (whole !== undefined) return textsOf(whole);
    const parts: string[] = [];
    for (let i = 0; ; i += 1) {
      const part = this.#attribute(`${name}${i}`);
      if (part === undefined) return i === 0 ? undefined : parts;
      parts.push(...textsOf(part));
    }
  }

  /** The group inside with this path, or undefined. */
  group(path: string): Hdf5Group | undefined {
    const found = this.#find(path);
    if (found === undefined || 'value' in found) return undefined;
    return new Hdf5Group(found, `${this.#path}/${path}`, this.#file, this.#length);
  }

  /** The array of floats inside with this path, or undefined. */
  floats(path: string): NamedArray | undefined {
    const found = this.#find(path);
    if (found === undefined || !('value' in found)) return undefined;
    const name = `${this.#path}/${path}`;
    const { dtype, shape } = this.#read(() => ({ dtype: found.dtype, shape: [...found.shape] }));
    if (typeof dtype !== 'string' || !/^[<>]f[248]$/.test(dtype)) {
      throw new DataFormatError(
        'HDF5',
        `Cannot read ${this.#file}: ${formatValue(name)} must have the dtype float16, float32 or float64, got ${formatValue(dtype)}. ` +
          "Convert the model in Keras: keras.config.set_floatx('float32')",
      );
    }
    return this.#read(() => {
      const size = shape.reduce((product, length) => product * length, 1);
      if (size > mostPerByte * this.#length)
        throw new Error(`${name} has the shape ${formatShape(shape)}`);
      const values = Float32Array.from(found.value);
      if (values.length === size) return { shape, values };
      throw new Error(`${name} has ${values.length} numbers in the shape ${formatShape(shape)}`);
    });
  }

  #find(path: string): JsfiveGroup | JsfiveDataset | undefined {
    return this.#read(() => {
      let at: JsfiveGroup | JsfiveDataset = this.#group;
      for (const name of path.split('/')) {
        if ('value' in at || !at.keys.includes(name)) return undefined;
        at = at.get(name);
      }
      return at;
    });
  }

  #attribute(name: string): unknown {
    return this.#read(() => {
      const { attrs } = this.#group;
      return Object.hasOwn(attrs, name) ? attrs[name] : undefined;
    });
  }

  /** jsfive throws anything, strings included, for bytes that it does not understand. */
  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw damaged(this.#file, error);
    }
  }
}

/**
 * Opens an HDF5 file with jsfive, an optional package.
 *
 * @param bytes - The whole file.
 * @param file - Its name in messages.
 * @throws DataFormatError if it is damaged; Error if jsfive is not installed.
 *
 * @internal
 */
export async function openHdf5(bytes: Uint8Array, file: string): Promise<Hdf5Group> {
  const { File } = await loadJsfive(file);
  try {
    // A copy of its own: jsfive accepts no view into a larger buffer.
    return new Hdf5Group(new File(new Uint8Array(bytes).buffer, file), '', file, bytes.length);
  } catch (error) {
    throw damaged(file, error);
  }
}

async function loadJsfive(file: string): Promise<Jsfive> {
  try {
    // @ts-expect-error The package has no types.
    return (await import('jsfive')) as Jsfive;
  } catch (error) {
    throw new Error(
      `Cannot read ${file}: the package jsfive, which reads HDF5, must be installed, got none. Run npm install jsfive`,
      { cause: error },
    );
  }
}

function numbersIn(found: JsfiveGroup | JsfiveDataset): number {
  if ('value' in found) return found.shape.reduce((product, length) => product * length, 1);
  return found.keys.reduce((sum, name) => sum + numbersIn(found.get(name)), 0);
}

function damaged(file: string, cause: unknown): DataFormatError {
  return new DataFormatError(
    'HDF5',
    `Cannot read ${file}: it must be HDF5 that jsfive reads, got bytes that do not parse (${messageOf(cause)}). The file is truncated or ` +
      "damaged, or h5py wrote it with LZF, or in chunks with libver='latest'",
    { cause },
  );
}

/** An empty list of h5py has no texts, but numbers. */
function textsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return list.flatMap((text) => (typeof text === 'string' ? [text.replace(/\0+$/, '')] : []));
}

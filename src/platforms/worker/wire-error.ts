import {
  BackendUnavailableError,
  CheckpointError,
  DataFormatError,
  TrainingDivergedError,
} from '../../core/errors.ts';
import { isError } from '../../core/realms.ts';

/**
 * An error as plain data: cloning an error loses its class and the fields of the class.
 *
 * @internal
 */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly stack?: string | undefined;
  readonly cause?: WireError | undefined;
}

/** Error classes known in this thread, by name. */
const classes: readonly (abstract new (...parts: never[]) => Error)[] = [
  ...[TypeError, RangeError, SyntaxError, ReferenceError],
  ...[BackendUnavailableError, CheckpointError, DataFormatError, TrainingDivergedError],
];

/** Maximum length of a chain of causes; some are circular. */
const deepest = 4;

/** Any thrown value as plain data. @internal */
export function toWire(thrown: unknown, depth = 0): WireError {
  if (!isError(thrown)) return { name: 'Error', message: String(thrown), fields: {} };
  const { name, message, stack, cause } = thrown;
  const follow = cause !== undefined && depth < deepest;
  return {
    name,
    message,
    stack,
    fields: plainFields(thrown),
    cause: follow ? toWire(cause, depth + 1) : undefined,
  };
}

/**
 * Recreates the error, as an instance of its class if that is this library's or built in.
 *
 * @internal
 */
export function fromWire({ name, message, stack, fields, cause }: WireError): Error {
  const known = classes.find((one) => one.name === name) ?? Error;
  const error = new Error(message, cause === undefined ? undefined : { cause: fromWire(cause) });
  // Not with the constructor: each class has other arguments, and the fields hold their results.
  Object.setPrototypeOf(error, known.prototype as object);
  for (const [key, value] of Object.entries({ name, stack })) {
    Object.defineProperty(error, key, { value, writable: true, configurable: true });
  }
  return Object.assign(error, fields);
}

/** Fields of an error besides its message: numbers, strings and lists of them. */
function plainFields(error: Error): Record<string, unknown> {
  const plain = (value: unknown): boolean =>
    ['string', 'number', 'boolean'].includes(typeof value) ||
    (Array.isArray(value) && value.every(plain));
  const own = Object.entries(error).filter(([key, value]) => key !== 'name' && plain(value));
  return Object.fromEntries(own);
}

import {
  BackendUnavailableError,
  CheckpointError,
  DataFormatError,
  TrainingDivergedError,
} from '../../core/errors.ts';
import { isError } from '../../core/realms.ts';

/** An error as plain data: cloning one loses the fields of its class, and the class. @internal */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly stack?: string | undefined;
  readonly cause?: WireError | undefined;
}

/** What this thread knows by the name an error gives itself. */
const classes: readonly (abstract new (...parts: never[]) => Error)[] = [
  ...[TypeError, RangeError, SyntaxError, ReferenceError],
  ...[BackendUnavailableError, CheckpointError, DataFormatError, TrainingDivergedError],
];

/** How deep a chain of causes is followed; some point back at themselves. */
const deepest = 4;

/** Anything that was thrown, as plain data. @internal */
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

/** The error again: of its class, where the class is this library's or the language's. @internal */
export function fromWire({ name, message, stack, fields, cause }: WireError): Error {
  const known = classes.find((one) => one.name === name) ?? Error;
  const error = new Error(message, cause === undefined ? undefined : { cause: fromWire(cause) });
  // Not by the constructor: each class has its own arguments, and what they make is in the fields.
  Object.setPrototypeOf(error, known.prototype as object);
  for (const [key, value] of Object.entries({ name, stack })) {
    Object.defineProperty(error, key, { value, writable: true, configurable: true });
  }
  return Object.assign(error, fields);
}

/** What an error carries besides its message: numbers, texts and lists of them. */
function plainFields(error: Error): Record<string, unknown> {
  const plain = (value: unknown): boolean =>
    ['string', 'number', 'boolean'].includes(typeof value) ||
    (Array.isArray(value) && value.every(plain));
  const own = Object.entries(error).filter(([key, value]) => key !== 'name' && plain(value));
  return Object.fromEntries(own);
}

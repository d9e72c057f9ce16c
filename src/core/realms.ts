/**
 * Type checks across realms. A frame of a page, a `vm` context and the environments in which Jest
 * and Vitest run tests have their own classes, so `instanceof` returns false for their values.
 */

/** The common prototype of all typed arrays. */
const typedArrays = Object.getPrototypeOf(Uint8Array.prototype) as object;

/**
 * The kind of a typed array, such as `'Uint8Array'` (also for Node's Buffer), or undefined for
 * anything else.
 *
 * @internal
 */
export function typedArrayKind(value: unknown): string | undefined {
  // This getter works for typed arrays of all realms and for nothing else.
  return Reflect.get(typedArrays, Symbol.toStringTag, value) as string | undefined;
}

/** @internal */
export function isUint8Array(value: unknown): value is Uint8Array {
  return typedArrayKind(value) === 'Uint8Array';
}

/** @internal */
export function isFloat32Array(value: unknown): value is Float32Array {
  return typedArrayKind(value) === 'Float32Array';
}

/** @internal */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return tagOf(value) === 'ArrayBuffer';
}

/** @internal */
export function isPromise(value: unknown): value is Promise<unknown> {
  return tagOf(value) === 'Promise';
}

/** Whether an object is of no class. @internal */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  // `Object.prototype` of another realm is another object, but has no prototype either.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @internal */
export function isError(value: unknown): value is Error {
  return value instanceof Error || ['Error', 'DOMException'].includes(tagOf(value));
}

/** The message of an error, or any other thrown value as text. @internal */
export function messageOf(thrown: unknown): string {
  return isError(thrown) ? thrown.message : String(thrown);
}

const kinds = { Float32Array, Uint8Array, Uint8ClampedArray };

/**
 * The same memory as an array of this realm, which TensorFlow.js and other libraries recognize.
 *
 * @internal
 */
export function ofThisRealm<T extends Float32Array | Uint8Array | Uint8ClampedArray>(array: T): T {
  const Kind = kinds[typedArrayKind(array) as keyof typeof kinds];
  if (array instanceof Kind) return array;
  return new Kind(array.buffer as ArrayBuffer, array.byteOffset, array.length) as T;
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/**
 * Node's `process` in Node, otherwise an empty object.
 * `nodeProcess().getBuiltinModule?.('node:util')` loads a module of Node that bundlers for pages do
 * not follow, as they would an import.
 *
 * @internal
 */
export function nodeProcess(): Partial<typeof process> {
  return (globalThis as { process?: Partial<typeof process> }).process ?? {};
}

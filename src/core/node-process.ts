/**
 * Node's `process` if Node runs this, else nothing of it. `nodeProcess().getBuiltinModule?.('node:util')` is a module of Node's
 * that bundlers for pages do not follow, as they would an import.
 *
 * @internal
 */
export function nodeProcess(): Partial<typeof process> {
  return (globalThis as { process?: Partial<typeof process> }).process ?? {};
}

import { isRecord } from '../../core/checks.ts';
import { isArrayBuffer } from '../../core/realms.ts';

/**
 * Refuses tensors: a copy of one arrives without its numbers, and nothing there could say what it was.
 *
 * @param given - What is sent, by name.
 *
 * @internal
 */
export function checkPlain(action: string, given: object): void {
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (isTensor(value)) {
      throw new TypeError(
        `Cannot ${action}: ${name} must be plain numbers, as tensors cannot cross threads, got a tensor. ` +
          `Take its numbers: await ${name}.data()`,
      );
    }
    if (isRecord(value)) checkPlain(action, value);
  }
}

/** By what it has: who connects to a worker need not have TensorFlow.js. */
function isTensor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}

/** The memory of all arrays in plain data, each once; shared memory is not moved. @internal */
export function buffersOf(data: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const walk = (value: unknown): void => {
    const memory = ArrayBuffer.isView(value) ? value.buffer : value;
    if (isArrayBuffer(memory)) found.add(memory);
    else if (isRecord(memory)) Object.values(memory).forEach(walk);
  };
  walk(data);
  return [...found];
}

import { isRecord } from '../../core/checks.ts';
import { isArrayBuffer } from '../../core/realms.ts';

/**
 * Refuses tensors: a copy would arrive without its values, and could not be recognized there.
 *
 * @param given - The data to send, by name.
 *
 * @internal
 */
export function checkPlain(action: string, given: object): void {
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (isTensor(value)) {
      throw new TypeError(
        `Cannot ${action}: ${name} must be plain numbers, as tensors cannot cross threads, got a tensor. ` +
          `Read its values: await ${name}.data()`,
      );
    }
    if (isRecord(value)) checkPlain(action, value);
  }
}

/**
 * Checks members instead of the class: a page that connects to a worker need not have
 * TensorFlow.js.
 */
function isTensor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}

/**
 * The buffers of all arrays in plain data, each once; shared memory is not transferred.
 *
 * @internal
 */
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

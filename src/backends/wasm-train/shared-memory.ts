const importSection = 2;
const memoryImport = 2;
const sharedWithMaximum = 3;

/** 65,536 pages, the limit of 32-bit addresses, in WebAssembly's number encoding (LEB128). */
const mostPages = [0x80, 0x80, 0x04];

/** The size of a module's header: magic number and version. */
const headerBytes = 8;

/**
 * Converts a module that imports a memory into one that imports a shared memory.
 *
 * The import's type includes the kind of memory, so one module cannot take both. The code is
 * byte-for-byte the same for both (AssemblyScript's `--sharedMemory` changes nothing else), so the
 * library ships one.
 *
 * @param module - A compiled module whose only import is a memory with no maximum.
 * @throws TypeError for any other module.
 * @internal
 */
export function withSharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = headerBytes;
  while (at < module.length) {
    const kind = module[at];
    const [size, start] = readNumber(module, at + 1);
    if (kind === importSection) {
      const body = sharedImport(module.subarray(start, start + size));
      // Section sizes below 128 are one byte.
      const parts = [module.subarray(0, at), [importSection, body.length], body];
      return Uint8Array.from(
        [...parts, module.subarray(start + size)].flatMap((part) => [...part]),
      );
    }
    at = start + size;
  }
  throw unexpected();
}

/**
 * The import section's content: a count, two names, the kind, the memory's flags and its minimum
 * size.
 */
function sharedImport(body: Uint8Array): number[] {
  const moduleNameEnd = 2 + (body[1] ?? 0);
  const kindAt = moduleNameEnd + 1 + (body[moduleNameEnd] ?? 0);
  const [kind, flags] = [body[kindAt], body[kindAt + 1]];
  const [, end] = readNumber(body, kindAt + 2);
  if (body[0] !== 1 || kind !== memoryImport || flags !== 0 || end !== body.length) {
    throw unexpected();
  }
  const smallest = body.subarray(kindAt + 2, end);
  return [...body.subarray(0, kindAt + 1), sharedWithMaximum, ...smallest, ...mostPages];
}

/** Reads an unsigned LEB128 number. @returns The number, and where it ends. */
function readNumber(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return [value, at];
}

function unexpected(): TypeError {
  return new TypeError(
    'Cannot share the memory of a module: it must import one memory without a maximum, and nothing else',
  );
}

/** A 32-bit CRC with the table of a reversed polynomial. */
function crcOf(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    return crc;
  });
  return (bytes) => {
    let sum = 0xffffffff;
    for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 255] ?? 0);
    return (sum ^ 0xffffffff) >>> 0;
  };
}

/** The CRC-32 checksum of PNG. @internal */
export const crc32: (bytes: Uint8Array) => number = /* @__PURE__ */ crcOf(0xedb88320);

/**
 * The Castagnoli checksum CRC-32C.
 *
 * @see RFC 3720, section 12.1 and appendix B.4.
 *
 * @internal
 */
export const crc32c: (bytes: Uint8Array) => number = /* @__PURE__ */ crcOf(0x82f63b78);

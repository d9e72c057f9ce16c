import { crc, crcTable } from './crc.ts';

const table = /* @__PURE__ */ crcTable(0x82f63b78);

/**
 * The checksum of Castagnoli, CRC-32C.
 *
 * @see RFC 3720, section 12.1 and appendix B.4.
 *
 * @internal
 */
export function crc32c(bytes: Uint8Array): number {
  return crc(table, bytes);
}

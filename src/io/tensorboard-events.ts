import { encodeText } from '../core/text.ts';
import type { Picture } from './picture.ts';
import { crc32c } from './crc.ts';
import { encodePng } from './png.ts';

/** One event of TensorBoard. */
export interface TensorBoardEvent {
  /** The step it belongs to. */
  readonly step: number;
  /** Its time, in seconds since 1970. */
  readonly seconds: number;
  /** Numbers by tag; a slash in a tag forms groups. */
  readonly scalars?: Readonly<Record<string, number>> | undefined;
  /** Images by tag. */
  readonly images?: Readonly<Record<string, Picture>> | undefined;
  /** The version entry at the beginning of a file, `brain.Event:2`. */
  readonly fileVersion?: string | undefined;
  /** Whether a run begins here, so that later steps of an earlier run are hidden. */
  readonly isStart?: boolean | undefined;
}

/**
 * Writes an event in the format of TensorBoard: a protocol buffer in a TFRecord.
 *
 * Fields have the numbers of TensorBoard's `event.proto` and `summary.proto`. A record is its
 * length, the masked checksum of the length, the bytes, and their masked checksum.
 *
 * @internal
 */
export function encodeEvent(event: TensorBoardEvent): Uint8Array {
  const { step, seconds, scalars = {}, images = {}, fileVersion, isStart = false } = event;
  const values = [
    ...Object.entries(scalars).map(([tag, value]) => [...text(1, tag), ...float(2, value)]),
    ...Object.entries(images).map(([tag, picture]) => [
      ...text(1, tag),
      ...nested(4, imageOf(picture)),
    ]),
  ];
  const bytes = Uint8Array.from([
    ...double(1, seconds),
    ...(step === 0 ? [] : [...key(2, 0), ...varint(step)]),
    ...(fileVersion === undefined ? [] : text(3, fileVersion)),
    ...(values.length === 0
      ? []
      : nested(
          5,
          values.flatMap((value) => nested(1, value)),
        )),
    // A session log of status START.
    ...(isStart ? nested(7, [...key(1, 0), 1]) : []),
  ]);
  return record(bytes);
}

function record(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(bytes.length + 16);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, masked(crc32c(framed.subarray(0, 8))), true);
  framed.set(bytes, 12);
  view.setUint32(12 + bytes.length, masked(crc32c(bytes)), true);
  return framed;
}

/** Checksums of data with checksums inside are weak, so the format rotates and offsets them. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function imageOf(picture: Picture): number[] {
  const { width, height, channels } = picture;
  return [
    ...[...key(1, 0), ...varint(height)],
    ...[...key(2, 0), ...varint(width)],
    // As many channels as the image has.
    ...[...key(3, 0), ...varint(channels)],
    ...nested(4, encodePng(picture)),
  ];
}

/**
 * Number of a field, and its wire type: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.
 */
function key(field: number, wire: number): number[] {
  return [(field << 3) | wire];
}

/** Varint: seven bits per byte, the lowest first; of a safe integer. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

function nested(field: number, bytes: ArrayLike<number>): number[] {
  return [...key(field, 2), ...varint(bytes.length), ...Array.from(bytes)];
}

function text(field: number, value: string): number[] {
  return nested(field, encodeText(value));
}

function double(field: number, value: number): number[] {
  return [...key(field, 1), ...new Uint8Array(new Float64Array([value]).buffer)];
}

function float(field: number, value: number): number[] {
  return [...key(field, 5), ...new Uint8Array(new Float32Array([value]).buffer)];
}

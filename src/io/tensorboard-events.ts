import type { Picture } from './picture.ts';
import { crc32c } from './crc.ts';
import { encodePng } from './png.ts';
import {
  doubleField,
  floatField,
  integerField,
  joinParts,
  messageField,
  type ProtobufPart,
  textField,
} from './protobuf.ts';

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
    ...Object.entries(scalars).map(([tag, value]) => [textField(1, tag), floatField(2, value)]),
    ...Object.entries(images).map(([tag, picture]) => [textField(1, tag), imageField(4, picture)]),
  ];
  const bytes = joinParts(
    doubleField(1, seconds),
    step === 0 ? [] : integerField(2, step),
    fileVersion === undefined ? [] : textField(3, fileVersion),
    values.length === 0 ? [] : messageField(5, ...values.map((value) => messageField(1, ...value))),
    // A session log of status START.
    isStart ? messageField(7, integerField(1, 1)) : [],
  );
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

function imageField(field: number, picture: Picture): ProtobufPart {
  const { width, height, channels } = picture;
  return messageField(
    field,
    integerField(1, height),
    integerField(2, width),
    // As many channels as the image has.
    integerField(3, channels),
    messageField(4, encodePng(picture)),
  );
}

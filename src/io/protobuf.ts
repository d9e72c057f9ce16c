import { encodeText } from '../core/text.ts';

/**
 * Part of a protocol buffer: bytes, or parts that follow each other. Weights of megabytes stay
 * where they are until {@link joinParts} copies them, once.
 *
 * @internal
 */
export type ProtobufPart = Uint8Array | readonly ProtobufPart[];

/** How a value is written: by itself, in eight bytes, after its length, in four bytes. */
const wires = { varint: 0, double: 1, nested: 2, float: 5 } as const;

/** An integer; a negative one takes ten bytes, as int64 does in two's complement. @internal */
export function integerField(field: number, value: number): ProtobufPart {
  return [key(field, 'varint'), varint(value)];
}

/** @internal */
export function floatField(field: number, value: number): ProtobufPart {
  return [key(field, 'float'), new Uint8Array(new Float32Array([value]).buffer)];
}

/** @internal */
export function doubleField(field: number, value: number): ProtobufPart {
  return [key(field, 'double'), new Uint8Array(new Float64Array([value]).buffer)];
}

/** @internal */
export function textField(field: number, value: string): ProtobufPart {
  return messageField(field, encodeText(value));
}

/** A message inside the message, or bytes. @internal */
export function messageField(field: number, ...parts: readonly ProtobufPart[]): ProtobufPart {
  return [key(field, 'nested'), varint(lengthOf(parts)), parts];
}

/** The bytes of parts, one after the other. @internal */
export function joinParts(...parts: readonly ProtobufPart[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(parts));
  let at = 0;
  const write = (part: ProtobufPart): void => {
    if (!(part instanceof Uint8Array)) {
      part.forEach(write);
      return;
    }
    bytes.set(part, at);
    at += part.length;
  };
  write(parts);
  return bytes;
}

function key(field: number, wire: keyof typeof wires): Uint8Array {
  return varint(field * 8 + wires[wire]);
}

/** Seven bits a byte, the lowest first; of a safe integer. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function lengthOf(part: ProtobufPart): number {
  if (part instanceof Uint8Array) return part.length;
  return part.reduce((sum, each) => sum + lengthOf(each), 0);
}

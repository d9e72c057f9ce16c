import type { DataFormatError } from '../core/errors.ts';
import { isRecord } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { decodeText } from '../core/text.ts';

/** Position of one tensor in a safetensors file. @internal */
export interface HeaderEntry {
  readonly name: string;
  /** The dtype, as named by the format. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte, and the one after the last, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** A parsed header. @internal */
export interface SafetensorsHeader {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bits per number, by dtype. */
const bits: ReadonlyMap<string, number> = new Map(
  Object.entries({
    4: 'F4',
    6: 'F6_E2M3 F6_E3M2',
    8: 'BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0',
    16: 'U16 I16 F16 BF16',
    32: 'U32 I32 F32',
    64: 'U64 I64 F64 C64',
  }).flatMap(([width, names]) => names.split(' ').map((name) => [name, Number(width)] as const)),
);

/** Creates the error for a file. @internal */
export type Refuse = (what: string, cause?: unknown) => DataFormatError;

/**
 * Reads the header of a safetensors file and checks it against the bytes that follow: each byte
 * belongs to exactly one tensor.
 *
 * @param text - The bytes of the header, without its length.
 * @param follow - Number of bytes after it.
 * @param refuse - Creates the error.
 *
 * @internal
 */
export function readSafetensorsHeader(
  text: Uint8Array,
  follow: number,
  refuse: Refuse,
): SafetensorsHeader {
  const members = Object.entries(parse(text, refuse));
  const metadata = readMetadata(members.find(([name]) => name === metadataName)?.[1], refuse);
  const entries = members
    .filter(([name]) => name !== metadataName)
    .map(([name, entry]) => readEntry(name, entry, refuse))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      const fault = begin < covered ? 'overlaps the tensor before it' : 'leaves bytes unused';
      throw refuse(`${formatValue(name)} must begin at byte ${covered}, got ${begin}: it ${fault}`);
    }
    covered = end;
  }
  if (covered === follow) return { entries, metadata };
  const cure = covered > follow ? 'The file may be truncated' : 'The file is too long';
  throw refuse(
    `the header states ${covered} bytes of tensors, but ${follow} bytes follow. ${cure}`,
  );
}

const metadataName = '__metadata__';

function parse(text: Uint8Array, refuse: Refuse): Readonly<Record<string, unknown>> {
  if (text[0] !== 0x7b) throw refuse("its header must begin with '{'. The file has another format");
  let header: unknown;
  let json: string;
  try {
    json = decodeText(text, { strict: true });
    header = JSON.parse(json);
  } catch (error) {
    throw refuse('its header is not JSON. The file is damaged', error);
  }
  const members = header as Readonly<Record<string, unknown>>;
  // JSON.parse uses the last of two members with one name; another reader may use the first.
  if (countColons(json) !== countMembers(members)) {
    throw refuse('its header has a name twice. The file is damaged');
  }
  return members;
}

/** Members of a valid JSON text: each has one colon outside of its strings. */
function countColons(json: string): number {
  let colons = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const letter = json[at];
    if (letter === '"') inText = !inText;
    else if (inText && letter === '\\') at += 1;
    else if (!inText && letter === ':') colons += 1;
  }
  return colons;
}

/** Members of an object and of the objects directly inside: a valid header is not nested deeper. */
function countMembers(header: Readonly<Record<string, unknown>>): number {
  const inside = Object.values(header).map((member) =>
    isRecord(member) ? Object.keys(member).length : 0,
  );
  return inside.reduce((sum, count) => sum + count, inside.length);
}

function readMetadata(metadata: unknown, refuse: Refuse): Readonly<Record<string, string>> {
  if (metadata === undefined) return {};
  if (isRecord(metadata) && Object.values(metadata).every((text) => typeof text === 'string')) {
    return metadata as Record<string, string>;
  }
  throw refuse(`${metadataName} must be strings by name, got ${formatValue(metadata)}`);
}

function readEntry(name: string, entry: unknown, refuse: Refuse): HeaderEntry {
  const of = formatValue(name);
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof dtype !== 'string') throw refuse(`${of} must have a dtype, got ${formatValue(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw refuse(`${of} must have a shape of integers from 0, got ${formatValue(shape)}`);
  }
  const isPlace = Array.isArray(offsets) && offsets.length === 2 && offsets.every(isCount);
  const [begin, end] = (isPlace ? offsets : [1, 0]) as [number, number];
  if (begin > end) {
    throw refuse(
      `${of} must have data_offsets, its first byte and the one after the last, got ${formatValue(offsets)}`,
    );
  }
  const width = bits.get(dtype);
  if (width === undefined) {
    throw refuse(`${of} must have a valid dtype, got ${formatValue(dtype)}`);
  }
  // Sizes are up to 2⁵³ each: their product requires a BigInt.
  const promised = shape.reduce((product, size) => product * BigInt(size), 1n);
  if (promised * BigInt(width) !== BigInt(end - begin) * 8n) {
    throw refuse(
      `${of} must have as many bytes as ${formatShape(shape)} of ${dtype} takes, got ${end - begin}`,
    );
  }
  return { name, dtype, shape: shape, begin, end };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

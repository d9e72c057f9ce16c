import { describe, expect, test } from 'vitest';
import { crc32c } from '../../src/io/crc.ts';
import { encodeEvent } from '../../src/io/tensorboard-events.ts';
import golden from '../golden/tensorboard.json' with { type: 'json' };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('crc32c', () => {
  test('gives the numbers of RFC 3720', () => {
    expect(crc32c(new Uint8Array(0))).toBe(golden.crc['']);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(golden.crc['32 zeros']).toBe(0x8a9136aa);
  });
});

describe('encodeEvent', () => {
  test('writes the bytes that an independent program wrote', () => {
    const version = { step: 0, seconds: 1700000000.25, fileVersion: 'brain.Event:2' };
    expect(hex(encodeEvent(version))).toBe(golden.version);
    expect(hex(encodeEvent({ step: 301, seconds: 1700000001.5, isStart: true }))).toBe(
      golden.start,
    );
    const scalars = { 'losses/generator': 0.1, größe: -2.5e10 };
    expect(hex(encodeEvent({ step: 5_000_000_000, seconds: 1700000002.125, scalars }))).toBe(
      golden.scalars,
    );
  });
});

"""Events as TensorBoard's files hold them, put together byte by byte from event.proto, summary.proto and the TFRecord
format, with a checksum computed bit by bit: independent of src/io. Prints JSON. Plain python3."""
import json
import struct


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def masked(data):
    crc = crc32c(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def record(data):
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def event(seconds, step, *rest):
    head = varint(1 << 3 | 1) + struct.pack("<d", seconds)
    return record(head + (varint(2 << 3) + varint(step) if step else b"") + b"".join(rest))


def scalar(tag, value):
    return field(1, field(1, tag.encode()) + varint(2 << 3 | 5) + struct.pack("<f", value))


print(json.dumps({
    "crc": {"": crc32c(b""), "123456789": crc32c(b"123456789"), "32 zeros": crc32c(bytes(32))},
    "version": event(1700000000.25, 0, field(3, b"brain.Event:2")).hex(),
    "start": event(1700000001.5, 301, field(7, bytes([8, 1]))).hex(),
    "scalars": event(1700000002.125, 5_000_000_000, field(5, scalar("losses/generator", 0.1) + scalar("größe", -2.5e10))).hex(),
}))

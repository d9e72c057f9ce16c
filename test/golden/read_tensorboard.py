"""Reads TensorBoard files, checks each checksum, and prints what they hold as JSON: independent of src/io. Plain python3.

    python3 read_tensorboard.py file…
"""
import json
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def fields(data):
    """Each field of a protocol buffer: its number and its value."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        head = varint()
        number, wire = head >> 3, head & 7
        if wire == 0:
            yield number, varint()
        else:
            size = {1: 8, 5: 4}.get(wire) or varint()
            assert wire in (1, 2, 5) and at + size <= len(data)
            yield number, data[at:at + size]
            at += size


def read(path):
    data = open(path, "rb").read()
    at = 0
    while at < len(data):
        length, check = struct.unpack("<QI", data[at:at + 12])
        assert masked(data[at:at + 8]) == check, "checksum of a length"
        body = data[at + 12:at + 12 + length]
        assert struct.unpack("<I", data[at + 12 + length:at + 16 + length])[0] == masked(body), "checksum of a record"
        at += 16 + length
        event = {"scalars": {}, "images": {}}
        for number, value in fields(body):
            if number == 2:
                event["step"] = value
            elif number == 3:
                event["version"] = value.decode()
            elif number == 7:
                event["start"] = dict(fields(value)) == {1: 1}
            elif number == 5:
                for _, entry in fields(value):
                    held = dict(fields(entry))
                    if 2 in held:
                        event["scalars"][held[1].decode()] = struct.unpack("<f", held[2])[0]
                    if 4 in held:
                        image = dict(fields(held[4]))
                        event["images"][held[1].decode()] = [image[1], image[2], image[3], image[4].hex()]
        yield event


print(json.dumps([event for path in sys.argv[1:] for event in read(path)]))

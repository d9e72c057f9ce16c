"""A safetensors file with every kind of number that is read, put together byte by byte from the format's description
(https://huggingface.co/docs/safetensors, section "Format"), with nothing but struct. Prints JSON: the file in hex and
what it holds. Plain python3."""
import json
import struct

tensors = {
    "bool": ("BOOL", [3], "???", [True, False, True]),
    "u8": ("U8", [2, 2], "4B", [0, 1, 254, 255]),
    "i8": ("I8", [2], "2b", [-128, 127]),
    "i16": ("I16", [2], "<2h", [-32768, 32767]),
    "u16": ("U16", [1], "<H", [65535]),
    "i32": ("I32", [1, 2], "<2i", [-2147483648, 2147483647]),
    "u32": ("U32", [1], "<I", [4294967295]),
    "i64": ("I64", [2], "<2q", [-9223372036854775808, 9007199254740993]),
    "u64": ("U64", [1], "<Q", [18446744073709551615]),
    "f16": ("F16", [6], "<6e", [0.0, -0.5, 65504.0, 2.0 ** -24, 0.333251953125, -(2.0 ** -14)]),
    "f32": ("F32", [2, 1, 2], "<4f", [1.5, -2.0 ** -149, 3.4028234663852886e38, 0.10000000149011612]),
    "f64": ("F64", [], "<d", [0.1]),
    "empty": ("F32", [0, 7], "", []),
    "schlüssel/0.dense\"kernel": ("F32", [1], "<f", [7.0]),
}
# The upper halves of single floats.
bfloats = [1.0, -3.140625, 2.0 ** 100]

header, body = {"__metadata__": {"format": "pt", "note": "a: \"b\""}}, b""
for name, (dtype, shape, code, values) in tensors.items():
    data = struct.pack(code, *values)
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
    body += data
data = b"".join(struct.pack("<f", value)[2:] for value in bfloats)
header["bf16"] = {"dtype": "BF16", "shape": [3], "data_offsets": [len(body), len(body) + len(data)]}
body += data

text = json.dumps(header, ensure_ascii=False).encode() + b"   "
held = {name: [dtype, shape, [str(v) if dtype[1:] == "64" and dtype[0] != "F" else v for v in values]]
        for name, (dtype, shape, _, values) in tensors.items()}
held["bf16"] = ["BF16", [3], bfloats]
print(json.dumps({"hex": (struct.pack("<Q", len(text)) + text + body).hex(), "metadata": header["__metadata__"], "held": held}))

"""JPEG and PNG files with the pixels that Pillow reads from them, and pictures resized by Pillow. Prints JSON: each file in
base64 with the size, the channels and the SHA-256 of its pixels; of the resized ones, the pixels. Needs Debian's python3-pil,
python3-numpy and libjpeg-turbo-progs (for cjpeg, which writes kinds of JPEG that Pillow does not)."""
import base64
import hashlib
import io
import json
import subprocess

import numpy as np
from PIL import Image, ImageOps


def scene(width, height):
    """Waves, an edge and noise: what a codec finds hard."""
    rng = np.random.default_rng(width * 1000 + height)
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([128 + 100 * np.sin(x / 5 + y / 9), 128 + 90 * np.cos(y / 4 - x / 11), (x * 7 + y * 3) % 256], -1)
    pixels[height // 3: height // 2 + 1, width // 4: width // 2 + 1] = [250, 20, 30]
    return Image.fromarray(np.clip(pixels + rng.normal(0, 9, pixels.shape), 0, 255).astype(np.uint8))


def entry(name, file):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
    if image.mode == "P" or (image.mode in ("L", "LA") and ("transparency" in image.info or image.mode == "LA")):
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "LA" else "RGB")
    return {"name": name, "file": base64.b64encode(file).decode(), "width": image.width, "height": image.height,
            "channels": len(image.getbands()), "sha256": hashlib.sha256(image.tobytes()).hexdigest()}


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


jpegs = []
for width, height in [(1, 1), (2, 3), (8, 8), (17, 13), (33, 40)]:
    for subsampling in (0, 1, 2):
        for progressive in (False, True):
            name = f"{width}×{height}, {['4:4:4', '4:2:2', '4:2:0'][subsampling]}, {'progressive' if progressive else 'baseline'}"
            jpegs.append(entry(name, saved(scene(width, height), "JPEG", quality=70, subsampling=subsampling, progressive=progressive)))
for quality in (5, 100):
    jpegs.append(entry(f"quality {quality}", saved(scene(24, 20), "JPEG", quality=quality, progressive=quality == 5)))
for progressive in (False, True):
    jpegs.append(entry(f"gray, {'progressive' if progressive else 'baseline'}", saved(scene(21, 18).convert("L"), "JPEG", quality=60, progressive=progressive)))
source = saved(scene(35, 22), "PPM")
for name, options in [
    ("4:4:0", ["-sample", "1x2"]), ("4:1:1", ["-sample", "4x1"]), ("4:1:0", ["-sample", "4x2"]), ("three to one", ["-sample", "3x1"]),
    ("three samplings", ["-sample", "2x2,1x2,2x1"]), ("colors finer than brightness", ["-sample", "1x1,2x2,1x1"]),
    ("RGB", ["-rgb"]), ("RGB, progressive", ["-rgb", "-progressive"]), ("restarts", ["-restart", "1B"]),
    ("restarts, 4:2:0, progressive", ["-restart", "2B", "-progressive"]), ("own Huffman tables", ["-optimize"]),
    ("arithmetic", ["-arithmetic"]),
]:
    file = subprocess.run(["cjpeg", "-quality", "75", *options], input=source, capture_output=True, check=True).stdout
    jpegs.append(entry(name, file))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    jpegs.append(entry(f"orientation {orientation}", saved(scene(11, 6), "JPEG", exif=exif)))
cmyk = saved(scene(8, 8).convert("CMYK"), "JPEG")

pngs = []
small = scene(9, 7)
palette = small.quantize(12)
pngs.append(entry("palette", saved(palette, "PNG")))
pngs.append(entry("palette with opacities", saved(palette, "PNG", transparency=bytes([0, 40, 80, 255]))))
pngs.append(entry("palette of 2 colors with a transparent one", saved(small.quantize(2), "PNG", bits=1, transparency=1)))
pngs.append(entry("gray with opacity", saved(Image.merge("LA", [small.getchannel(0), small.getchannel(1)]), "PNG")))
pngs.append(entry("color with opacity", saved(Image.merge("RGBA", [*small.split(), small.getchannel(2)]), "PNG")))
pngs.append(entry("gray with a transparent gray", saved(small.convert("L"), "PNG", transparency=small.convert("L").getpixel((3, 3)))))


def formula(width, height, channels):
    """The same pixels as in the test."""
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    return ((x * x * 7 + y * 13 * (c + 1) + x * y * (c + 2)) % 256).astype(np.uint8)


filters = {"nearest": Image.NEAREST, "box": Image.BOX, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
modes = {1: "L", 3: "RGB", 4: "RGBA"}
resized = []
for name, number in filters.items():
    for fit, function in [("stretch", lambda image, size, method: image.resize(size, method)), ("cover", ImageOps.fit), ("contain", ImageOps.pad)]:
        for channels in (1, 3, 4):
            for (width, height), size in [((23, 17), (8, 6)), ((9, 14), (20, 11))]:
                # Pillow pads with opaque black; the test asks for the same background, or for none if opacity is kept.
                if fit == "contain" and channels == 4:
                    continue
                pixels = formula(width, height, channels)
                image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels, modes[channels])
                out = function(image, size, method=number) if fit != "stretch" else function(image, size, number)
                resized.append({"filter": name, "fit": fit, "channels": channels, "from": [width, height], "to": list(size),
                                "pixels": base64.b64encode(out.tobytes()).decode()})
colors = [[r, g, b] for r in (0, 7, 130, 255) for g in (0, 61, 200, 255) for b in (0, 99, 254)]
gray = list(Image.fromarray(np.array([colors], np.uint8)).convert("L").tobytes())

print(json.dumps({"jpegs": jpegs, "cmyk": base64.b64encode(cmyk).decode(), "pngs": pngs, "resized": resized, "colors": colors, "gray": gray}))

"""Writes the fixtures of OrientationTest: images with each EXIF orientation, and Pillow's pixels.

    python3 orientation.py orientation

Needs Pillow. orientation/expected.txt has a line per image: name, height, width, R, G, B of each
pixel in hexadecimal, turned by ImageOps.exif_transpose.
"""

import os
import sys

from PIL import Image, ImageOps

H, W = 3, 5

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
stored = Image.frombytes("RGB", (W, H), bytes((37 * i + i // 7) % 256 for i in range(3 * H * W)))
lines = []
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[274] = orientation
    for suffix, options in (
        ("png", {"exif": exif}),
        ("tif", {"tiffinfo": exif}),
        ("webp", {"exif": exif, "lossless": True}),
    ):
        name = f"{orientation}.{suffix}"
        stored.save(os.path.join(out, name), **options)
        with Image.open(os.path.join(out, name)) as read:
            assert read.getexif().get(274) == orientation, name
            upright = ImageOps.exif_transpose(read).convert("RGB")
        lines.append(f"{name} {upright.height} {upright.width} {upright.tobytes().hex()}")
with open(os.path.join(out, "expected.txt"), "w") as file:
    file.write("\n".join(lines) + "\n")

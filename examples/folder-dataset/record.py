"""Draws three recordings with label maps: python3 record.py DIR"""

import pathlib
import random
import sys

from PIL import Image, ImageDraw

CLASSES = {"ground": (128, 96, 64), "plant": (32, 160, 32), "sky": (96, 160, 224)}

root = pathlib.Path(sys.argv[1])
draw = random.Random(1)
for recording in ("monday", "tuesday", "wednesday"):
    (root / recording).mkdir(parents=True)
    light = draw.randrange(-40, 40)
    for frame in range(1, 13):
        image, label = Image.new("RGB", (64, 64)), Image.new("RGB", (64, 64))
        plants = [(draw.randrange(64), draw.randrange(6, 14)) for _ in range(3)]
        for canvas, shift in ((image, light), (label, 0)):
            colour = {name: tuple(c + shift for c in rgb) for name, rgb in CLASSES.items()}
            pen = ImageDraw.Draw(canvas)
            pen.rectangle((0, 0, 64, 31), colour["sky"])
            pen.rectangle((0, 32, 64, 64), colour["ground"])
            for x, r in plants:
                pen.ellipse((x - r, 32 - r, x + r, 32 + r), colour["plant"])
        image.save(root / recording / f"{frame:04}.jpg", quality=95)
        label.save(root / recording / f"{frame:04}_label.png")
lines = [",".join([name, *map(str, rgb)]) for name, rgb in CLASSES.items()]
(root / "classes.csv").write_text("\n".join(["name,r,g,b", *lines]) + "\n")

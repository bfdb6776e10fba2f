"""Writes the fixtures of PillowMatrixTest: small images, and the RGB numbers that Pillow reads.

    python3 matrix.py matrix

Needs Pillow. matrix/expected.txt has a line per image: name, height, width, R, G, B of each pixel
in hexadecimal.
"""

import io
import os
import struct
import sys
import zlib

from PIL import Image, ImageCms, TiffImagePlugin

H, W = 7, 9


def ramp(channels, most=255):
    return [
        [(37 * x + 23 * y + 71 * c + 5 * x * y) % (most + 1) for c in range(channels)]
        for y in range(H)
        for x in range(W)
    ]


def image(mode):
    bands = len(Image.new(mode, (1, 1)).getbands())
    if mode == "1":
        return image("L").point(lambda v: 255 if v > 99 else 0).convert("1")
    data = bytes(v for pixel in ramp(bands) for v in pixel)
    if mode == "P":
        made = Image.frombytes("P", (W, H), bytes(v % 60 for v in data))
        made.putpalette(bytes((i * 7 + i // 3) % 256 for i in range(180)))
        return made
    return Image.frombytes(mode, (W, H), data)


def smooth(mode):
    bands = len(Image.new(mode, (1, 1)).getbands())
    data = bytes(
        min(255, 20 * x + 9 * y + 30 * c) for y in range(H) for x in range(W) for c in range(bands)
    )
    return Image.frombytes(mode, (W, H), data)


def png(colour, depth, rows, chunks=()):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", W, H, depth, colour, 0, 0, 0)
    body = b"".join(chunk(k, d) for k, d in chunks)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


def wide(channels, shift=0, most=65535):
    flat = [[((v * 257 * 3 + v) % (most + 1)) << shift for v in p] for p in ramp(channels)]
    return flat, [
        b"".join(struct.pack(">H", v) for x in range(W) for v in flat[y * W + x]) for y in range(H)
    ]


def packed(depth):
    rows, flat = [], []
    for y in range(H):
        bits = ""
        for x in range(W):
            value = (3 * x + 5 * y) % (1 << depth)
            flat.append(value)
            bits += format(value, "0%db" % depth)
        bits += "0" * (-len(bits) % 8)
        rows.append(bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)))
    return flat, rows


def grey(values):
    return [(v, v, v) for v in values]


def main(folder):
    lines = []

    def add(name, data, pixels=None):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
        if pixels is None:
            with Image.open(io.BytesIO(data)) as read:
                pixels = list(zip(*[iter(read.convert("RGB").tobytes())] * 3))
        text = "".join("%02x%02x%02x" % tuple(p) for p in pixels)
        lines.append("%s %d %d %s" % (name, H, W, text))

    def save(name, picture, **options):
        out = io.BytesIO()
        picture.save(out, **options)
        add(name, out.getvalue())
        return out.getvalue()

    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    other = srgb.replace(b"rXYZ", b"tmpZ").replace(b"bXYZ", b"rXYZ").replace(b"tmpZ", b"bXYZ")

    for mode in ("1", "L", "P", "RGB"):
        save("%s.png" % mode, image(mode), format="PNG")
        save("%s.bmp" % mode, image(mode), format="BMP")
        save("%s.gif" % mode, image(mode), format="GIF")
    # Alpha is ignored: what Pillow's convert does, too
    save("LA.png", image("LA"), format="PNG")
    save("RGBA.png", image("RGBA"), format="PNG")
    save("RGBA.bmp", image("RGBA"), format="BMP")
    save("RGB-icc.png", image("RGB"), format="PNG", icc_profile=other)
    for depth in (1, 2, 4):
        values, rows = packed(depth)
        add("grey%d.png" % depth, png(0, depth, rows))
    values, rows = wide(3)
    add("rgb16.png", png(2, 16, rows))
    values, rows = wide(1)
    add("grey16.png", png(0, 16, rows), grey([p[0] >> 8 for p in values]))
    values, rows = wide(3, most=4095)
    add(
        "rgb12in16.png",
        png(2, 16, rows, [(b"sBIT", b"\x0c\x0c\x0c")]),
        [[v >> 4 for v in p] for p in values],
    )
    values, rows = wide(3, shift=4, most=4095)
    add("rgb12left.png", png(2, 16, rows, [(b"sBIT", b"\x0c\x0c\x0c")]))

    for name, masks in (("555", (0x7C00, 0x3E0, 0x1F)), ("565", (0xF800, 0x7E0, 0x1F))):
        add("RGB%s.bmp" % name, bmp16(masks))

    for sampling in (0, 1, 2):
        save("ycc%d.jpg" % sampling, smooth("RGB"), format="JPEG", quality=90, subsampling=sampling)
    save("grey.jpg", smooth("L"), format="JPEG", quality=90)
    save("progressive.jpg", smooth("RGB"), format="JPEG", quality=80, progressive=True)
    save("icc.jpg", smooth("RGB"), format="JPEG", quality=90, icc_profile=other)
    save("wrongicc.jpg", smooth("L"), format="JPEG", quality=90, icc_profile=other)
    cmyk = save("cmyk.jpg", smooth("CMYK"), format="JPEG", quality=95)
    add("ycck.jpg", transform(cmyk, 2))
    rgb = save("rgb.jpg", smooth("RGB"), format="JPEG", quality=95, keep_rgb=True)
    plain = transform(bare(save("ids.jpg", smooth("RGB"), format="JPEG", quality=90, subsampling=0)))
    add("bare123.jpg", plain)
    add("bareRGB.jpg", ids(plain, b"RGB"))
    add("bare012.jpg", ids(plain, b"\0\1\2"))

    for mode in ("1", "L", "P", "RGB", "CMYK", "LA", "RGBA"):
        for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            if mode in ("1", "P") and compression != "raw":
                continue
            short = compression.split("_")[-1]
            save("%s-%s.tif" % (mode, short), image(mode), format="TIFF", compression=compression)
    save("RGB-jpeg.tif", smooth("RGB"), format="TIFF", compression="jpeg")
    save("RGB-icc.tif", image("RGB"), format="TIFF", icc_profile=other)
    save("1-g4.tif", image("1"), format="TIFF", compression="group4")
    wide_values, rows = wide(1)
    out = io.BytesIO()
    raw = b"".join(struct.pack("<H", p[0]) for p in wide_values)
    Image.frombytes("I;16", (W, H), raw).save(out, format="TIFF")
    add("grey16.tif", out.getvalue(), grey([p[0] >> 8 for p in wide_values]))
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[262] = 0
    save("white0.tif", image("L"), format="TIFF", tiffinfo=info)

    save("lossless.webp", image("RGB"), format="WEBP", lossless=True)
    save("losslessA.webp", image("RGBA"), format="WEBP", lossless=True, exact=True)
    save("lossless-icc.webp", image("RGB"), format="WEBP", lossless=True, icc_profile=other)
    save("lossy.webp", smooth("RGB"), format="WEBP", quality=95)
    with open(os.path.join(folder, "expected.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")


def bmp16(masks):
    row = (2 * W + 3) // 4 * 4
    body = b"".join(
        b"".join(struct.pack("<H", (4099 * x + 9001 * y) & sum(masks)) for x in range(W)).ljust(row)
        for y in range(H)
    )
    header = struct.pack("<IiiHHIIiiII", 40, W, H, 1, 16, 3, len(body), 0, 0, 0, 0)
    header += struct.pack("<III", *masks)
    return struct.pack("<2sIHHI", b"BM", 14 + len(header) + len(body), 0, 0, 66) + header + body


def segments(data):
    at = 2
    while data[at + 1] != 0xDA:
        size = 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        yield at, size
        at += size


def transform(data, value=None):
    """Sets the byte of Adobe's segment that says how colours are stored."""
    made = bytearray(data)
    for at, size in segments(data):
        if data[at + 1] == 0xEE and value is not None:
            made[at + 15] = value
    return bytes(made)


def bare(data):
    """Leaves out JFIF's segment."""
    made = data[:2]
    end = 2
    for at, size in segments(data):
        if data[at + 1] != 0xE0:
            made += data[at : at + size]
        end = at + size
    return made + data[end:]


def ids(data, names):
    """Renames the components, in the frame and in the scan."""
    made = bytearray(data)
    end = 2
    for at, size in segments(data):
        if data[at + 1] == 0xC0:
            for i in range(3):
                made[at + 10 + 3 * i] = names[i]
        end = at + size
    for i in range(3):
        made[end + 5 + 2 * i] = names[i]
    return bytes(made)


main(sys.argv[1])

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Small pictures of every format and quirk with what they look like, and what evaluation makes of them.

Run through make_golden.py. Pictures are computed, none is taken from anywhere. `NAME.npy` is the upright
picture, uint8 [H, W, 3]: alpha dropped, gray repeated, 16 bits scaled to 8. `framed_*.npy` is what
torchvision's Resize and CenterCrop make with Pillow, restated here in a few lines.
"""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SEED = 4100
ORIENTATION = 274


def picture(width: int, height: int, channels: int, seed: int) -> np.ndarray:
    """Gradients, an edge and some noise, so that every filter has something to do."""
    rng = np.random.default_rng(SEED + seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for c in range(channels):
        wave = 120 + 90 * np.sin(x * (0.3 + 0.2 * c) + y * 0.17 * (c + 1))
        wave += np.where(x * (c + 1) + y > width, 45, -30) + rng.normal(0, 12, (height, width))
        planes.append(wave)
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png16(values: np.ndarray, color_type: int) -> bytes:
    """A 16-bit PNG, which Pillow cannot write in color. values: uint16 [H, W, channels]."""
    height, width = values.shape[:2]
    rows = values.astype(">u2").reshape(height, -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(raw, 9))
        + chunk(b"IEND", b"")
    )


def scaled(values: np.ndarray) -> np.ndarray:
    return ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def bmp_top_down(values: np.ndarray) -> bytes:
    height, width = values.shape[:2]
    stride = (width * 3 + 3) // 4 * 4
    rows = b"".join(row[:, ::-1].tobytes().ljust(stride, b"\0") for row in values)
    info = struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 24, 0, len(rows), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + info + rows


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def formats(root: Path) -> dict[str, np.ndarray]:
    """Writes the pictures and returns what each looks like."""
    rgb, rgba, gray = picture(19, 13, 3, 1), picture(18, 11, 4, 2), picture(17, 12, 1, 3)[..., 0]
    color, alpha, dull = Image.fromarray(rgb), Image.fromarray(rgba), Image.fromarray(gray)
    opaque, repeated = rgba[..., :3], np.repeat(gray[..., None], 3, -1)
    palette = color.quantize(23)
    indexed = np.asarray(palette.convert("RGB"))
    black = dull.convert("1")
    found = {}

    def save(name: str, image: Image.Image, looks: np.ndarray, **options) -> None:
        image.save(root / name, **options)
        found[name] = looks

    for ending in ("png", "bmp", "tiff"):
        save(f"rgb.{ending}", color, rgb)
        save(f"gray.{ending}", dull, repeated)
        save(f"palette.{ending}", palette, indexed)
        save(f"bilevel.{ending}", black, np.asarray(black.convert("RGB")))
    for ending in ("png", "tiff", "bmp"):
        save(f"rgba.{ending}", alpha, opaque)
    both = Image.merge("LA", (dull, Image.fromarray(rgba[:, :, 3]).resize(dull.size)))
    save("gray_alpha.png", both, repeated)
    save("palette_alpha.png", palette, indexed, transparency=3)
    save("lzw.tiff", color, rgb, compression="tiff_lzw")
    save("lossless.webp", color, rgb, lossless=True)
    save("rgba_lossless.webp", alpha, opaque, lossless=True, exact=True)
    deep = (np.random.default_rng(SEED).integers(0, 65536, (7, 9, 3))).astype(np.uint16)
    (root / "rgb16.png").write_bytes(png16(deep, 2))
    found["rgb16.png"] = scaled(deep)
    (root / "gray16.png").write_bytes(png16(deep[..., :1], 0))
    found["gray16.png"] = np.repeat(scaled(deep[..., :1]), 3, -1)
    save("gray16.tiff", Image.fromarray(deep[..., 0]), np.repeat(scaled(deep[..., :1]), 3, -1))
    (root / "top_down.bmp").write_bytes(bmp_top_down(rgb))
    found["top_down.bmp"] = rgb
    for orientation in range(2, 9):
        exif = turned(orientation)
        upright = np.asarray(ImageOps.exif_transpose(with_exif(color, exif)))
        save(f"turned{orientation}.png", color, upright, exif=exif)
    save("turned6.tiff", color, np.asarray(color.transpose(Image.Transpose.ROTATE_270)), exif=turned(6))
    save("turned3.tiff", color, np.asarray(color.transpose(Image.Transpose.ROTATE_180)), exif=turned(3))
    save(
        "turned8.webp",
        color,
        np.asarray(color.transpose(Image.Transpose.ROTATE_90)),
        lossless=True,
        exif=turned(8),
    )
    # Lossy formats: what this decoder makes of them.
    for name, image, options in (
        ("photo.jpg", color, {"quality": 88}),
        ("gray.jpg", dull, {"quality": 88}),
        ("progressive.jpg", color, {"quality": 80, "progressive": True}),
        ("turned6.jpg", color, {"quality": 90, "exif": turned(6)}),
        ("lossy.webp", color, {"quality": 80}),
    ):
        image.save(root / name, **options)
        found[name] = np.asarray(ImageOps.exif_transpose(Image.open(root / name)).convert("RGB"))
    return found


def with_exif(image: Image.Image, exif: Image.Exif) -> Image.Image:
    copy = image.copy()
    copy.getexif()[ORIENTATION] = exif[ORIENTATION]
    return copy


def resized(image: Image.Image, size: int, filter: Image.Resampling) -> Image.Image:
    """torchvision.transforms.Resize(size): the shorter side, the other cut to an integer."""
    width, height = image.size
    short, long = min(width, height), max(width, height)
    other = int(size * long / short)
    return image.resize((size, other) if width <= height else (other, size), filter)


def center_crop(image: Image.Image, width: int, height: int) -> Image.Image:
    """torchvision.transforms.CenterCrop: offsets rounded half to even."""
    left, top = int(round((image.width - width) / 2.0)), int(round((image.height - height) / 2.0))
    return image.crop((left, top, left + width, top + height))


def framed(image: Image.Image, size: int, preprocess: str) -> Image.Image:
    if preprocess == "squash":
        return image.resize((size, size), Image.Resampling.BILINEAR)
    if preprocess == "notebook":
        return center_crop(resized(image, size, Image.Resampling.BILINEAR), size, size)
    return center_crop(resized(image, int(size / 0.875), Image.Resampling.BICUBIC), size, size)


# picture's width and height, S
FRAMES = [(61, 45, 32), (13, 19, 32), (45, 110, 28), (33, 32, 28), (32, 32, 32), (3, 50, 16)]


def make(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for name, looks in formats(root).items():
        np.save(root / f"{name}.npy", np.ascontiguousarray(looks))
    cases = []
    for index, (width, height, size) in enumerate(FRAMES):
        source = Image.fromarray(picture(width, height, 3, 10 + index))
        name = f"source{width}x{height}.png"
        source.save(root / name, optimize=True)
        for preprocess in ("official", "notebook", "squash"):
            file = f"framed{width}x{height}_{size}_{preprocess}.npy"
            np.save(root / file, np.asarray(framed(source, size, preprocess)))
            cases.append({"picture": name, "size": size, "preprocess": preprocess, "result": file})
    # A frame that is not square, by both filters, and the normalized numbers of one.
    source = Image.open(root / "source61x45.png")
    for preprocess, filter, height, width in (
        ("official", Image.Resampling.BICUBIC, 27, 45),
        ("notebook", Image.Resampling.BILINEAR, 24, 40),
    ):
        # 24 × 40 of 61 × 45: the width decides, 40 → int(40 · 45 / 61) = 29 rows.
        result = center_crop(source.resize((width, int(width * 45 / 61)), filter), 40, 24)
        file = f"framed61x45_40x24_{preprocess}.npy"
        np.save(root / file, np.asarray(result))
        cases.append({"picture": "source61x45.png", "size": [24, 40], "preprocess": preprocess, "result": file})
    (root / "frames.json").write_text(json.dumps(cases, indent=1) + "\n")
    pixels = np.load(root / "framed3x50_16_official.npy").astype(np.float32) / np.float32(255)
    mean = np.array([0.485, 0.456, 0.406], np.float32)
    deviation = np.array([0.229, 0.224, 0.225], np.float32)
    np.save(root / "normalized3x50_16.npy", np.ascontiguousarray(((pixels - mean) / deviation).transpose(2, 0, 1)))
    print(f"images: {sum(file.stat().st_size for file in root.iterdir())} bytes")

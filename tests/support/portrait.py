"""A drawn person, in which the detector of faces sees a face."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

_SKIN, _SHADE, _HAIR, _LIPS = (224, 172, 140), (190, 135, 105), (50, 35, 25), (180, 80, 80)
_SHIRT, _TROUSERS, _WALL = (60, 70, 120), (40, 40, 50), (120, 150, 170)


def portrait(path: Path, head: float, *, size: tuple[int, int] = (480, 640)) -> Path:
    """A picture of one person whose head takes this part of its height: 0.15 shows the whole
    body, 0.6 a head and shoulders.
    """
    width, height = size
    image = Image.new("RGB", size, _WALL)
    draw = ImageDraw.Draw(image)
    tall = height * head
    wide, left, top = tall * 0.74, width / 2, height * 0.06

    def box(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """A box in widths and heights of the head, from the middle of its upper edge."""
        return left + x0 * wide, top + y0 * tall, left + x1 * wide, top + y1 * tall

    draw.ellipse(box(-0.62, -0.05, 0.62, 0.95), fill=_HAIR)
    draw.rectangle(box(-0.22, 0.85, 0.22, 1.25), fill=_SHADE)
    draw.rounded_rectangle(box(-1.1, 1.18, 1.1, 3.6), radius=0.4 * tall, fill=_SHIRT)
    draw.rectangle(box(-0.8, 3.4, 0.8, 7.5), fill=_TROUSERS)
    draw.ellipse(box(-0.5, 0.07, 0.5, 1.03), fill=_SKIN)
    draw.ellipse(box(-0.5, -0.06, 0.5, 0.26), fill=_HAIR)
    for side in (-0.2, 0.2):
        draw.ellipse(box(side - 0.11, 0.435, side + 0.11, 0.525), fill="white")
        draw.ellipse(box(side - 0.05, 0.435, side + 0.05, 0.525), fill=_HAIR)
        draw.rectangle(box(side - 0.13, 0.375, side + 0.13, 0.405), fill=_HAIR)
        draw.ellipse(box(2.45 * side - 0.06, 0.42, 2.45 * side + 0.06, 0.62), fill=_SHADE)
    draw.ellipse(box(-0.08, 0.5, 0.08, 0.69), fill=_SHADE)
    for side in (-0.06, 0.06):
        draw.ellipse(box(side - 0.025, 0.665, side + 0.025, 0.695), fill=_HAIR)
    draw.ellipse(box(-0.19, 0.775, 0.19, 0.865), fill=_LIPS)
    draw.rectangle(box(-0.18, 0.813, 0.18, 0.827), fill=_HAIR)
    image.filter(ImageFilter.GaussianBlur(tall * 0.008)).save(path)
    return path

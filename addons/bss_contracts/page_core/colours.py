"""Colours of a document, mixed as the typesetter mixes them."""

Colour = tuple[float, float, float]
GREY = "0.361 0.4 0.439 rg"
HAIR = "0.812 0.839 0.859 rg"
LIGHT = 0.72


def parse(text: str) -> Colour:
    """``#rrggbb`` or ``#rgb`` as parts of one."""
    digits = text.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return red, green, blue


def lighter(colour: Colour, share: float) -> Colour:
    """That share of the way to white."""
    red, green, blue = (part + (1 - part) * share for part in colour)
    return red, green, blue


def is_light(colour: Colour) -> bool:
    """Whether black is read better on it: by its lightness in Oklab (Ottosson, 2020)."""
    red, green, blue = (_linear(part) for part in colour)
    long: float = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium: float = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short: float = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short > LIGHT


def _linear(part: float) -> float:
    """Of a part of sRGB."""
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

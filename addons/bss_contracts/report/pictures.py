"""Logos as images of a PDF page."""

import io
import zlib
from functools import lru_cache

from PIL import Image, UnidentifiedImageError

from ..page_core import Picture

# what its place on the page shows at 300 dots to the inch
MAX_PIXELS = (800, 180)
NAME = "Logo"


@lru_cache(maxsize=16)
def picture(content):
    """The image of a file on white, no larger than the page can show; None for what is no raster image."""
    try:
        image = Image.open(io.BytesIO(content))
        # what is read of a JPEG is smaller at once
        image.draft(None, MAX_PIXELS)
        image = image.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None
    image.thumbnail(MAX_PIXELS)
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    flat = paper.convert("RGB")
    width, height = flat.size
    entries = f"/Width {width}/Height {height}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode"
    return Picture(NAME, entries, zlib.compress(flat.tobytes(), 9), flat.size)

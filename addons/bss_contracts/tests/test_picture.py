"""Logos of every kind and none: an invoice is printed whatever the file holds."""

import io
import struct
import zlib

from odoo.tests import BaseCase, tagged
from PIL import Image

from ..report.pictures import MAX_PIXELS, picture


def image_file(mode, kind, size=(300, 100)):
    """Bytes of a one-coloured image."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


def huge_file(side=30_000):
    """A PNG of few bytes and very many pixels."""

    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(b"")) + part(b"IEND", b"")


@tagged("post_install", "-at_install")
class TestPicture(BaseCase):
    def test_every_kind_of_image(self):
        for mode, kind in (("CMYK", "JPEG"), ("I;16", "PNG"), ("LA", "PNG"), ("1", "PNG"), ("P", "GIF")):
            with self.subTest(mode=mode, kind=kind):
                found = picture(image_file(mode, kind))
                self.assertEqual((found.pixels, len(zlib.decompress(found.data))), ((300, 100), 90_000))

    def test_no_larger_than_its_place(self):
        for size in ((5000, 1), (4000, 4000)):
            width, height = picture(image_file("RGB", "JPEG", size)).pixels
            self.assertTrue(width <= MAX_PIXELS[0] and height <= MAX_PIXELS[1], (width, height))
            self.assertGreaterEqual(min(width, height), 1)

    def test_what_is_none_is_left_to_the_typesetter(self):
        whole = image_file("RGB", "PNG")
        for content in (b"", b"<svg/>", whole[:20], huge_file()):
            self.assertIsNone(picture(content))

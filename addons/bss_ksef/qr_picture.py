"""QR codes of verification links as pictures (ISO/IEC 18004, correction level M, quiet zone of four modules)."""

from __future__ import annotations

import base64
import io
from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M

BORDER = 4
DOTS = 8  # a side of a module in PNG, so that print stays sharp


def _code(text: str) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=BORDER, box_size=DOTS)
    code.add_data(text)
    code.make(fit=True)
    return code


def svg(text: str) -> str:
    """The code as ``<svg>`` without a size of its own; one path, a square for each run of dark modules."""
    matrix = _code(text).get_matrix()
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                runs.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x += 1
    side = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{"".join(runs)}" fill="#000"/></svg>'
    )


@lru_cache(maxsize=256)
def data_uri(text: str) -> str:
    """The code as the source of an ``<img>``: nothing to fetch, and PNG, because not every PDF engine draws SVG."""
    content = io.BytesIO()
    _code(text).make_image().save(content, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"

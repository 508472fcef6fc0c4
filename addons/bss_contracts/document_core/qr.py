"""QR codes as vector graphics."""

import qrcode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q

_LEVELS = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}


def qr_matrix(text: str, level: str = "M") -> list[list[bool]]:
    """Dark and light modules without the quiet zone; UTF-8."""
    code = qrcode.QRCode(error_correction=_LEVELS[level], border=0)
    code.add_data(text.encode())
    code.make(fit=True)
    return [[bool(cell) for cell in row] for row in code.get_matrix()]


def qr_svg(text: str, level: str = "M", quiet: int = 4) -> str:
    """One SVG path: horizontal runs of dark modules, ``quiet`` light modules around."""
    matrix = qr_matrix(text, level)
    size = len(matrix) + 2 * quiet
    path = "".join(_runs(row, y + quiet, quiet) for y, row in enumerate(matrix))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )


def _runs(row: list[bool], y: int, shift: int) -> str:
    parts: list[str] = []
    x = 0
    while x < len(row):
        if not row[x]:
            x += 1
            continue
        start = x
        while x < len(row) and row[x]:
            x += 1
        parts.append(f"M{start + shift} {y}h{x - start}v1h-{x - start}z")
    return "".join(parts)

"""QR codes as vector graphics, quick enough for two on every invoice of a mass run (ISO/IEC 18004, byte mode).

The matrix is one integer with a bit per module, so that the eight masks are scored with a few operations on whole
matrices. Tables of versions and the fixed patterns come from the ``qrcode`` package.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import qrcode
from qrcode import base, util
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q

_LEVELS = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
_MASKS = 8
_DARK_RUN = re.compile("1+")
_FINDERS = ("10111010000", "00001011101")


@dataclass(frozen=True, slots=True)
class _Layout:
    """One version and level; rows are ``stride`` bits apart, the last bit of a row is never dark."""

    size: int
    stride: int
    blocks: tuple[tuple[int, int], ...]
    """(data codewords, check codewords) of each block"""
    cells: tuple[int, ...]
    """places of the data bits in the text of the matrix"""
    inside: int
    masks: tuple[int, ...]
    fixed: tuple[int, ...]
    """dark modules of the patterns and of the format, for each mask"""


def qr_matrix(text: str, level: str = "M") -> list[list[bool]]:
    """Dark and light modules without the quiet zone; UTF-8."""
    return [[cell == "1" for cell in row] for row in _rows(text, level)]


def qr_svg(text: str, level: str = "M", quiet: int = 4) -> str:
    """One SVG path: a stroke for each horizontal run of dark modules, ``quiet`` light modules around."""
    rows = _rows(text, level)
    size = len(rows) + 2 * quiet
    path = "".join(
        f"M{run.start() + quiet} {y}h{run.end() - run.start()}"
        for y, row in enumerate(rows, quiet)
        for run in _DARK_RUN.finditer(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path transform="translate(0 .5)" d="{path}" stroke="#000"/></svg>'
    )


def _rows(text: str, level: str) -> list[str]:
    data = text.encode()
    layout = _layout(_version(len(data), level), level)
    bits = "".join(f"{codeword:08b}" for codeword in _codewords(data, layout))
    cells = ["0"] * (layout.size * layout.stride)
    for cell, bit in zip(layout.cells, bits, strict=False):  # a few cells of some versions stay light
        cells[cell] = bit
    plain = int("".join(cells), 2)
    masked = [plain ^ mask | fixed for mask, fixed in zip(layout.masks, layout.fixed, strict=True)]
    best = min(masked, key=lambda matrix: _penalty(matrix, layout))
    line = f"{best:0{len(cells)}b}"
    return [line[start : start + layout.size] for start in range(0, len(line), layout.stride)]


def _version(length: int, level: str) -> int:
    for version in range(1, 41):
        header = 12 if version < 10 else 20
        if sum(block.data_count for block in base.rs_blocks(version, _LEVELS[level])) * 8 >= header + 8 * length:
            return version
    msg = "the text is too long for a QR code"
    raise ValueError(msg)


# --- codewords


def _codewords(data: bytes, layout: _Layout) -> list[int]:
    """Data and check codewords, interleaved block by block."""
    room = sum(count for count, _checks in layout.blocks)
    length_bits = 8 if layout.size < 57 else 16
    value = (0b0100 << length_bits | len(data)) << 8 * len(data) | int.from_bytes(data, "big")
    used = 4 + length_bits + 8 * len(data)
    end = min(4, room * 8 - used)
    fill = -(used + end) % 8
    stream = (value << end + fill).to_bytes((used + end + fill) // 8, "big")
    stream += (b"\xec\x11" * room)[: room - len(stream)]
    parts, checks, start = [], [], 0
    for count, check_count in layout.blocks:
        parts.append(stream[start : start + count])
        checks.append(_checks(parts[-1], check_count))
        start += count
    return _interleave(parts) + _interleave(checks)


def _interleave(blocks: list[bytes]) -> list[int]:
    longest = max(map(len, blocks))
    return [block[index] for index in range(longest) for block in blocks if index < len(block)]


def _checks(block: bytes, count: int) -> bytes:
    """Reed-Solomon check codewords: the remainder, kept as one integer."""
    table = _remainders(count)
    top = 8 * (count - 1)
    low = (1 << top) - 1
    rest = 0
    for byte in block:
        rest = (rest & low) << 8 ^ table[byte ^ rest >> top]
    return rest.to_bytes(count, "big")


@lru_cache(maxsize=32)
def _remainders(count: int) -> tuple[int, ...]:
    """The generator polynomial of ``count`` check codewords times each byte, without its leading one."""
    generator = [1]
    for power in range(count):
        root = base.gexp(power)
        shifted = [*generator, 0]
        for index, factor in enumerate(generator):
            shifted[index + 1] ^= _times(factor, root)
        generator = shifted
    return tuple(int.from_bytes(bytes(_times(factor, byte) for factor in generator[1:]), "big") for byte in range(256))


def _times(one: int, other: int) -> int:
    return base.gexp(base.glog(one) + base.glog(other)) if one and other else 0


# --- matrix


@lru_cache(maxsize=64)
def _layout(version: int, level: str) -> _Layout:
    size = version * 4 + 17
    stride = size + 1
    patterns = [_patterns(version, level, mask) for mask in range(_MASKS)]
    free = [(y, x) for y in range(size) for x in range(size) if patterns[0][y][x] is None]
    total = size * stride

    def bits(cells: list[tuple[int, int]]) -> int:
        return sum(1 << total - 1 - (y * stride + x) for y, x in cells)

    return _Layout(
        size=size,
        stride=stride,
        blocks=tuple(
            (block.data_count, block.total_count - block.data_count)
            for block in base.rs_blocks(version, _LEVELS[level])
        ),
        cells=tuple(y * stride + x for y, x in _zigzag(size) if patterns[0][y][x] is None),
        inside=bits([(y, x) for y in range(size) for x in range(size)]),
        masks=tuple(bits([cell for cell in free if util.mask_func(mask)(*cell)]) for mask in range(_MASKS)),
        fixed=tuple(
            bits([(y, x) for y, row in enumerate(pattern) for x, dark in enumerate(row) if dark])
            for pattern in patterns
        ),
    )


def _patterns(version: int, level: str, mask: int) -> list[list[bool | None]]:
    """Modules that carry no data; None where data go."""
    code = qrcode.QRCode(version=version, error_correction=_LEVELS[level])
    size = code.modules_count = version * 4 + 17
    code.modules = [[None] * size for _row in range(size)]
    for row, column in ((0, 0), (size - 7, 0), (0, size - 7)):
        code.setup_position_probe_pattern(row, column)
    code.setup_position_adjust_pattern()
    code.setup_timing_pattern()
    code.setup_type_info(test=False, mask_pattern=mask)
    if version >= 7:
        code.setup_type_number(test=False)
    modules: list[list[bool | None]] = code.modules
    return modules


def _zigzag(size: int) -> list[tuple[int, int]]:
    """Cells in the order of the data: pairs of columns from the right, up and down, without the timing column."""
    found = []
    up = True
    for right in (column if column > 6 else column - 1 for column in range(size - 1, 0, -2)):
        for step in range(size):
            y = size - 1 - step if up else step
            found += [(y, right), (y, right - 1)]
        up = not up
    return found


def _penalty(dark: int, layout: _Layout) -> int:
    """Score of a masked matrix, the lower the easier to read (7.8.3 of the standard)."""
    light = layout.inside ^ dark
    score = 10 * (abs(dark.bit_count() * 20 - layout.size**2 * 10) // layout.size**2)
    pairs = []
    for step in (1, layout.stride):
        same = dark & dark >> step | light & light >> step
        pairs.append(same)
        runs = same & same >> step & same >> 2 * step & same >> 3 * step
        score += runs.bit_count() + 2 * (runs & ~(runs << step)).bit_count()
        for finder in _FINDERS:
            found = layout.inside
            for index, module in enumerate(finder):
                found &= (dark if module == "1" else light) >> index * step
            score += 40 * found.bit_count()
    rows = pairs[0]
    return score + 3 * (rows & rows >> layout.stride & pairs[1]).bit_count()

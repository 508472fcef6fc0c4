"""Debian's wkhtmltopdf, with which the billing benchmark compares its PDFs. Nothing else here uses it."""

from __future__ import annotations

import shutil

from .errors import UserError
from .paths import BSS
from .unpacked import library_path, unpack, write_wrapper

UNPACKED = BSS / "wkhtmltopdf"
WRAPPER = UNPACKED / "bin" / "wkhtmltopdf"
CURE = "as root: apt install wkhtmltopdf"


def path() -> str | None:
    """The system's, else one unpacked beside the rest; None where neither can be had."""
    found = shutil.which("wkhtmltopdf")
    if found or WRAPPER.exists():
        return found or str(WRAPPER)
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return None
    try:
        unpack("wkhtmltopdf", UNPACKED, "wkhtmltopdf", CURE)
    except UserError:
        return None
    plugins = next(UNPACKED.glob("usr/lib/*/qt5/plugins"), UNPACKED)
    write_wrapper(
        WRAPPER,
        [
            f'export LD_LIBRARY_PATH="{library_path(UNPACKED)}" QT_PLUGIN_PATH="{plugins}"',
            f'exec "{UNPACKED}/usr/bin/wkhtmltopdf" "$@"',
        ],
    )
    return str(WRAPPER)

"""The visualisation as PDF: the sections of ``ksef_core.view`` set by typst, in process, with the fonts that it brings."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import typst

HERE = Path(__file__).parent
TEMPLATE = HERE / "visualisation.typ"


@lru_cache(maxsize=1)
def _fonts():
    """Reading fonts costs more than a page: once a process."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def pdf(view, *, ksef_number="", link="", qr_svg="", state=""):
    """Bytes of the PDF; arguments as of ``ksef_core.view.html_page``. Texts are data: none can become markup."""
    data = {**asdict(view), "ksef_number": ksef_number, "link": link, "qr_svg": qr_svg, "state": state}
    return typst.compile(
        str(TEMPLATE),
        root=str(HERE),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )

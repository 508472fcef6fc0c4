"""Every term of the addons has its Polish: compares what Odoo would export with what ``i18n/pl.po`` holds."""

from __future__ import annotations

import io

import polib
import pytest

from bss_cli import addons
from bss_cli.paths import ADDONS

from .conftest import CycleRun


@pytest.mark.parametrize("addon", addons.ALL)
def test_polish_is_complete(cycle: CycleRun, addon: str) -> None:
    from odoo.tools.translate import trans_export

    exported = io.BytesIO()
    trans_export(False, [addon], exported, "po", cycle.env)
    terms = {entry.msgid for entry in polib.pofile(exported.getvalue().decode())}
    polish = {entry.msgid for entry in polib.pofile(str(ADDONS / addon / "i18n" / "pl.po")) if entry.msgstr}
    assert len(terms) > 50, f"{addon}: the export found almost nothing"
    assert not sorted(terms - polish), "terms without Polish"

"""Kernels stay free of Odoo, floors in order."""

import pytest

from bss_cli import layers


@pytest.mark.parametrize(
    "source",
    ["import odoo", "import odoo.fields", "from odoo import models", "def f():\n    from odoo.tools import x"],
)
def test_a_kernel_must_not_import_odoo(source: str) -> None:
    (problem,) = layers.kernel_problems(source, "k.py", 1)
    assert "must not import odoo" in problem


def test_a_kernel_must_not_reach_its_addon() -> None:
    assert layers.kernel_problems("from ..models import x", "k/a.py", 1)
    assert not layers.kernel_problems("from ..money import x", "k/formats/a.py", 2)


def test_names_that_only_begin_alike_are_fine() -> None:
    assert not layers.kernel_problems("import odoorpc\nfrom . import odoo_names", "k.py", 1)


def test_a_floor_must_not_import_a_higher_one() -> None:
    source = "from odoo.addons.bss_dunning.models import x"
    assert layers.floor_problems(source, "a.py", "bss_catalog", {"bss_catalog"})
    assert not layers.floor_problems(source, "a.py", "bss_court", {"bss_dunning", "bss_court"})

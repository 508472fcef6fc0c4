from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from document_core import QrProblem, TransferQr, qr_matrix, qr_svg, transfer_qr

NRB = "61109010140000071219812874"


def payload(**changes: object) -> str:
    values: dict[str, object] = {
        "nrb": NRB,
        "amount_grosze": 9330,
        "name": "Demo Telekom",
        "title": "FV/2026/11/00001",
        "nip": "1234563218",
        **changes,
    }
    result = transfer_qr(**cast(dict[str, str], values))  # type: ignore[arg-type]
    assert isinstance(result, TransferQr)
    return result.payload


def test_payload() -> None:
    assert payload() == f"1234563218|PL|{NRB}|009330|Demo Telekom|FV/2026/11/00001|||"


def test_payload_of_a_person_has_no_nip() -> None:
    assert payload(nip="").startswith("|PL|")


def test_fields_are_cut_and_cleaned() -> None:
    parts = payload(
        nrb=f"PL {NRB}", name="Demo Telekom | Spółka z o.o.", title="Faktura  FV/2026/11/00001 za listopad dwa tysiące"
    ).split("|")
    assert parts[2] == NRB
    assert parts[4] == "Demo Telekom Spółka"
    assert parts[5] == "Faktura FV/2026/11/00001 za"
    assert len(parts) == 9


def test_an_amount_beyond_six_digits_is_left_to_the_payer() -> None:
    result = transfer_qr(NRB, 1_000_000, "Demo", "T")
    assert isinstance(result, TransferQr)
    assert result.amount_open
    assert result.payload.split("|")[3] == "000000"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nrb": "61109010140000071219812875"}, "BAD_ACCOUNT"),
        ({"nrb": ""}, "BAD_ACCOUNT"),
        ({"nip": "123"}, "BAD_NIP"),
        ({"amount_grosze": -1}, "NEGATIVE_AMOUNT"),
        ({"name": "  "}, "NO_NAME"),
    ],
)
def test_problems(changes: dict[str, object], code: str) -> None:
    values = {"nrb": NRB, "amount_grosze": 1, "name": "Demo", "title": "T", **changes}
    result = transfer_qr(**values)  # type: ignore[arg-type]
    assert isinstance(result, QrProblem)
    assert result.code == code


@given(st.text(max_size=80).filter(str.strip), st.text(max_size=120), st.integers(min_value=0, max_value=10**8))
def test_shape_holds_for_any_text(name: str, title: str, amount: int) -> None:
    result = transfer_qr(NRB, amount, name, title, "1234563218")
    if isinstance(result, QrProblem):
        assert result.code == "NO_NAME"
        return
    parts = result.payload.split("|")
    assert len(parts) == 9
    assert len(parts[4]) <= 20
    assert len(parts[5]) <= 32
    assert len(result.payload) <= 160


def test_svg_shows_exactly_the_matrix() -> None:
    text = payload(name="Zażółć gęślą jaźń")
    matrix = qr_matrix(text, "L")
    svg = qr_svg(text, "L", quiet=4)
    root = etree.fromstring(svg.encode())
    assert root.get("viewBox") == f"0 0 {len(matrix) + 8} {len(matrix) + 8}"
    path = root[1].get("d") or ""
    dark = 0
    for run in path.strip("M").split("M"):
        place, _h, rest = run.partition("h")
        x, y = (int(part) for part in place.split())
        width = int(rest.split("v")[0])
        dark += width
        assert all(matrix[y - 4][x - 4 + step] for step in range(width))
    assert dark == sum(sum(row) for row in matrix)


@given(st.text(alphabet="aąbcż/|0123ABC", min_size=1, max_size=300), st.sampled_from("LMQH"))
def test_the_matrix_is_one_of_the_eight_of_the_reference(text: str, level: str) -> None:
    import qrcode

    from document_core.qr import _LEVELS

    def reference(mask: int) -> list[list[bool]]:
        code = qrcode.QRCode(error_correction=_LEVELS[level], border=0, mask_pattern=mask)
        code.add_data(qrcode.util.QRData(text.encode(), mode=qrcode.util.MODE_8BIT_BYTE))
        code.make(fit=True)
        return [[bool(cell) for cell in row] for row in code.get_matrix()]

    assert qr_matrix(text, level) in [reference(mask) for mask in range(8)]


def test_a_text_too_long_has_no_code() -> None:
    with pytest.raises(ValueError, match="too long"):
        qr_matrix("x" * 3000, "L")

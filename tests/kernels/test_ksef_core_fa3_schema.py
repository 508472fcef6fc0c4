"""The official schema, and how its refusals are read."""

from pathlib import Path

import pytest

from ksef_core import fa3

DATA = Path(__file__).parent.parent / "data" / "ksef"
SAMPLES = sorted((DATA / "fa3").glob("*.xml"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_official_samples_are_valid(path):
    assert fa3.validator().problems(path.read_bytes()) == ()


def test_there_are_all_samples():
    assert len(SAMPLES) == 26


def test_schema_problem_names_element_value_and_facet():
    sample = (DATA / "fa3" / "FA_3_Przykład_9.xml").read_bytes()
    (problem,) = fa3.validator().problems(sample.replace(b"<NIP>1111111111</NIP>", b"<NIP>11111</NIP>"))
    assert (problem.code, problem.element, problem.params["value"]) == (
        "xsd_pattern",
        "Podmiot2/DaneIdentyfikacyjne/NIP",
        "11111",
    )


@pytest.mark.parametrize(
    ("old", "new", "code", "element", "limit"),
    [
        ("<P_1>2026-02-15", "<P_1>2005-02-15", "xsd_mininclusive", "Fa/P_1", "2006-01-01"),
        ("<P_1>2026-02-15", "<P_1>2051-02-15", "xsd_maxinclusive", "Fa/P_1", "2050-01-01"),
        ("<P_15>2760", "<P_15>2760.001", "xsd_fractiondigits", "Fa/P_15", "2"),
        ("<P_15>2760", "<P_15>27601234567890123456", "xsd_totaldigits", "Fa/P_15", "18"),
        ("<NrWierszaFa>1", "<NrWierszaFa>0", "xsd_minexclusive", "Fa/FaWiersz[1]/NrWierszaFa", "0"),
        ("<NrRB>73", "<NrRB>" + "7" * 70, "xsd_maxlength", "Fa/Platnosc/RachunekBankowy/NrRB", "34"),
    ],
)
def test_schema_problem_names_value_and_limit(old, new, code, element, limit):
    sample = (DATA / "fa3" / "FA_3_Przykład_9.xml").read_bytes().decode()
    (problem,) = fa3.validator().problems(sample.replace(old, new, 1).encode())
    assert (problem.code, problem.element, problem.params["limit"]) == (code, element, limit)
    assert problem.params["value"].rstrip("…") in new + "111111111111111111111111" and problem.params["value"]


def test_schema_problem_of_a_missing_element():
    sample = (DATA / "fa3" / "FA_3_Przykład_9.xml").read_bytes()
    (problem,) = fa3.validator().problems(sample.replace(b"<P_15>2760</P_15>", b""))
    assert problem.code == "xsd_unexpected"
    assert problem.element == "Fa/Adnotacje"
    assert "P_15" in problem.params["expected"]


def test_entities_and_doctypes_are_refused():
    evil = b'<!DOCTYPE Faktura [<!ENTITY x SYSTEM "file:///etc/passwd">]><Faktura>&x;</Faktura>'
    assert fa3.validator().problems(evil)[0].code == "has_dtd"


def test_not_xml():
    assert fa3.validator().problems(b"<Faktura>")[0].code == "not_xml"

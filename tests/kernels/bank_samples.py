"""What the public MT940 and MT942 samples say, read off the files by eye.

``SAMPLES``: file -> (dialect, problems, statements); a statement is (account, number, page, opening,
closing, amounts in order). Amounts given as a number are a count: the balances then prove their sum.
Samples without a free licence are no part of the project; where they lie beside it, they are read too.
"""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "data" / "bank"
BESIDE = Path(__file__).parents[3] / "shared" / "data" / "bank"

Statement = tuple[str, str, str, str | None, str | None, "list[str] | int"]
Sample = tuple[str, list[str], list[Statement]]


def _row(text: str) -> list[str]:
    return text.split()


_KSDEV_IPH = _row(
    "6979.18 2516.25 4091.88 21912.44 7261.44 1357.86 12094.52 23072.64 1939.80 10057.83 1805.60 9473.69 21239.71 "
    "19843.93 55118.64 8363.10 1464.00 6344.00 79301.46 1056.76 22655.40 9806.02 12353.55 -15.00"
)
_KSDEV_FIRST = _row(
    "-6.62 -2.50 -1.51 -456.32 -65.21 -117.25 -98.36 -35.45 -3.96 -6.62 -2.50 -1.51 -12.03 -82.79 -10.00 -5.99 -6.20 "
    "-117.25 -98.36 -35.45 -3.96 -65.21 -456.32 -6.62 -2.50 -1.51 -1.00 24.14 24.14 24.14 24.14 24.14 24.14 24.14 "
    "24.14 1002444.00 1002444.00 -120.00"
)
_MBANK = "29114010810000267002001002"
_GERMAN = "87052000/123456789"
_GERMAN_IBAN = "DE11222220220222220200"
_RABO = "NL34RABO0142623393EUR"
_SNS = "NL05SNSB0908244436"
_NUMBER_OF_NO_POLISH_LENGTH = "NRB_LENGTH"

SAMPLES: dict[str, Sample] = {
    "bph/bph_sta.txt": (
        "bph",
        ["ENCODING_RESTORED"],
        [("52106000760000321000055801", "00009", "01", "45810300.95", "45681482.83",
          ["-5912.00", "-120000.00", "-1356.12", "-1550.00"])],
    ),
    "ing_pl/auroparser_example.sta": (
        "ing",
        # its author made the accounts and balances up
        ["NRB_CHECK_DIGITS", "NRB_CHECK_DIGITS", "NRB_CHECK_DIGITS", "BALANCE_MISMATCH"],
        [("80224030990000400208955593", "180521", "", "-666666.66", "-222222.22", ["241.08", "6612.48"])],
    ),
    "mbank/ksdev_MT940_IPH.txt": (
        "mbank",
        ["CLOSING_MISSING"],
        [("45114011370000310211001001", "107", "1", "0.00", None, _KSDEV_IPH)],
    ),
    "mbank/ksdev_MT940_multiple_accounts.txt": (
        "mbank",
        [],
        [
            ("46114010100000579009004001", "11", "1", "8985995772.25", "8987999030.37", _KSDEV_FIRST),
            ("19114010100000579009004002", "11", "1", "100000026.49", "100000074.77", ["24.14", "24.14"]),
            ("89114010100000579009004003", "11", "1", "995274499.72", "995273634.59",
             ["-216.45", "15.21", "1.84", "-210.01", "-216.45", "-216.45", "-22.82"]),
            ("62114010100000579009004004", "11", "1", "12.94", "12.94", []),
            ("35114010100000579009004005", "11", "1", "56.48", "12.61", ["-43.87"]),
            ("12114010100000579009005001", "11", "1", "277.87", "283.86", ["5.99"]),
            ("82114010100000579009005002", "11", "1", "-959.45", "-492.89",
             ["2.21", "1.14", "-16.36", "-2.80", "500.00", "-16.36", "-1.27"]),
            ("55114010100000579009005003", "11", "1", "144.46", "144.46", []),
        ],
    ),
    "mbank/wolph_mt940.sta": ("mbank", [], [(_MBANK, "1", "1", "0.40", "0.43", ["0.01"] * 3)]),
    "mbank/wolph_mt942.sta": ("mbank", [], [(_MBANK, "1", "1", None, None, ["0.01"] * 3)]),
    "mbank/wolph_with_newline_in_tnr.sta": (
        "mbank",
        # entries were taken out of it
        ["BALANCE_MISMATCH"],
        [(_MBANK, "3", "1", "0.46", "860.17", ["45.00", "44.00"])],
    ),
    "pekao/epics_readme_sta.txt": (
        "pekao",
        # the excerpt ends within its second entry
        ["ENCODING_RESTORED", "ENTRY_HELD_BACK", "CLOSING_MISSING"],
        [("12124012551111000015237873", "00152", "", "2535.03", None, ["-1273.23"])],
    ),
    "swift_generic/jejik_deutschebank.txt": (
        "generic",
        ["BALANCE_MISMATCH"],
        [("20070000/0123456601", "00143", "1", "0.00", "0.00", ["-12.35"])],
    ),
    "swift_generic/jejik_generic.txt": (
        "generic",
        [_NUMBER_OF_NO_POLISH_LENGTH] * 2,
        [("11111111", "1", "", "100.00", "90.00", ["-10.00"]), ("11111111", "2", "", "90.00", "80.00", ["-10.00"])],
    ),
    "swift_generic/jejik_ing-dos.txt": (
        "generic",
        [_NUMBER_OF_NO_POLISH_LENGTH, "BALANCE_MISMATCH"],
        [("0001234567", "000", "", "0.00", "3.47",
          ["-25.03", "-3.03", "-1.11", "-20.00", "-1.10", "3.68", "1.00"])],
    ),
    "swift_generic/jejik_postfinance.txt": (
        "generic",
        [_NUMBER_OF_NO_POLISH_LENGTH, _NUMBER_OF_NO_POLISH_LENGTH, "BALANCE_MISMATCH"],
        [
            ("123456789", "999", "1", "0.00", "229.20", ["79.70", "149.50"]),
            ("123456789", "999", "2", "229.20", "159.60", ["-79.90", "10.10"]),
        ],
    ),
    "swift_generic/jejik_rabobank-iban.txt": (
        "structured",
        ["LINE_OUT_OF_PLACE"],
        [
            ("NL71RABO0123456789", "0", "", "1000.00", "965.00", ["-25.00", "-10.00"]),
            ("NL71RABO0123456789", "0", "", "965.00", "930.00", ["-25.00", "-10.00"]),
        ],
    ),
    "swift_generic/jejik_sparkasse.txt": (
        "generic",
        [],
        [
            (_GERMAN, "00000", "001", "194.57", "174.57", ["-20.00"]),
            (_GERMAN, "00000", "001", "174.57", "154.57", ["-20.00"]),
        ],
    ),
    "swift_generic/jejik_sparkasse2.txt": (
        "generic",
        [_NUMBER_OF_NO_POLISH_LENGTH, "BALANCE_MISMATCH"],
        [(_GERMAN_IBAN, "00000", "001", "931052.29", "931304.50", ["1027.25"])],
    ),
    "swift_generic/jejik_sparkasse3.txt": (
        "generic",
        [_NUMBER_OF_NO_POLISH_LENGTH, "BALANCE_MISMATCH"],
        [(_GERMAN_IBAN, "00000", "001", "931052.29", "931304.50", ["-1027.25"])],
    ),
    "swift_generic/jejik_sparkasse_interim_balance.txt": (
        "generic",
        [],
        [
            (_GERMAN, "00000", "001", "194.57", "174.57", ["-20.00"]),
            (_GERMAN, "00000", "001", "174.57", "154.57", ["-20.00"]),
            (_GERMAN, "00215", "00129", "0.00", "0.00", []),
        ],
    ),
    "swift_generic/oca_test-ing.940": (
        "structured",
        ["LINE_OUT_OF_PLACE"],
        [("NL77INGB0574908765EUR", "0000", "", "662.23", "564.35",
          ["1.56", "-1.57", "1.57", "-1.14", "1.45", "-12.75", "32.00", "-119.00"])],
    ),
    "swift_generic/oca_test-rabo.swi": (
        "structured",
        ["LINE_OUT_OF_PLACE"],
        [
            (_RABO, "0", "", "4433.52", "4833.52", ["400.00"]),
            (_RABO, "0", "", "4833.52", "4833.52", []),
            (_RABO, "0", "", "4833.52", "4798.91", ["-34.61"]),
            (_RABO, "0", "", "4798.91", "4798.91", []),
        ],
    ),
    "swift_generic/oca_test-sns.940": (
        "generic",
        ["CLOSING_MISSING"],
        [
            (_SNS, "361", "1", "3026.96", "2264.52", ["-713.13", "-10.18", "-13.52", "-25.61"]),
            (_SNS, "362", "1", "2264.52", "2253.57", ["-10.95", "0.00"]),
            (_SNS, "363", "1", "2253.57", None, ["-907.29", "-35.00"]),
        ],
    ),
    "swift_generic/oca_test-wrong-file.940": (
        "structured",
        # only its first line is wrong
        ["LINE_OUT_OF_PLACE"],
        [(_RABO, "0", "", "4433.52", "4833.52", ["400.00"])],
    ),
    # bits of files that are no statement
    "swift_generic/wolph_betterplace_amount_formats.sta": (
        "generic",
        ["ACCOUNT_MISSING", "CLOSING_MISSING"],
        [("", "", "", "1.12", None, [])],
    ),
    "swift_generic/wolph_betterplace_empty_86.sta": ("generic", ["NOT_MT940", "TAG_MISPLACED"], []),
    "swift_generic/wolph_betterplace_empty_entry_date.sta": ("generic", ["NOT_MT940", "TAG_MISPLACED"], []),
    "swift_generic/wolph_betterplace_missing_crlf_at_end.sta": ("generic", ["NOT_MT940", "TAG_MISPLACED"], []),
    "swift_generic/wolph_self-provided_sparkassen.sta": (
        "generic",
        ["NOT_MT940", "TAG_MISPLACED", *["LINE_OUT_OF_PLACE"] * 3],
        [],
    ),
    "swift_generic/wolph_betterplace_sepa_mt9401.sta": (
        "generic",
        [],
        [
            ("50880050/0194774600888", "00004", "00001", "-1234718.36", "-1237628.23",
             ["300.00", "335.33", "15000.00", "66295.08", "915311.55", "-204.88", "-999946.95"]),
            ("50880050/0194777100888", "00004", "00001", "-970499.90", "-1455749.85", ["15000.05", "-500250.00"]),
            ("50880050/0194778300888", "00004", "00001", "-1709296.34", "-2237334.85",
             ["50.05", "125.88", "125004.88", "-326609.66", "-326609.66"]),
            ("50880050/0194779500888", "00004", "00001", "3192675.04", "4242675.04",
             ["250000.00", "300000.00", "500000.00"]),
            ("50880050/0194780100888", "00004", "00001", "-2368827.87", "-3095522.14",
             ["204.88", "-204.88", "-50990.05", "-175454.22", "-500250.00"]),
            ("50880050/0194780101888", "00004", "00001", "152970.15", "203960.20", 1),
            ("50880050/0194781300888", "00004", "00001", "-40432.20", "-30503.83", 4),
            ("50880050/0194781300888", "00004", "00002", "-30503.83", "-100854.45", 4),
            ("50880050/0194782500888", "00004", "00001", "-1552497.38", "-1358945.52", 8),
            ("50880050/0194782500888", "00004", "00002", "-1358945.52", "-2303471.11", 3),
            ("50880050/0194783700888", "00004", "00001", "-3829477.87", "-2931994.84", 6),
            ("50880050/0194783700888", "00004", "00002", "-2931994.84", "-5019697.96", 6),
            ("50880050/0194784900888", "00004", "00001", "-5777585.57", "-6018113.38", 6),
            ("50880050/0194784900888", "00004", "00002", "-6018113.38", "-8844425.38", 3),
            ("50880050/0194784901888", "00003", "00001", "13990.05", "27980.10", 1),
            ("50880050/0194785000888", "00004", "00001", "-3612519.02", "-3632585.04", 5),
            ("50880050/0194785000888", "00004", "00002", "-3632585.04", "-3814901.47", 5),
            ("50880050/0194785000888", "00004", "00003", "-3814901.47", "-5113593.52", 2),
            ("50880050/0194785001888", "00004", "00001", "152970.15", "203960.20", 1),
            ("50880050/0194786200888", "00004", "00001", "145964.58", "238954.77", 3),
            ("50880050/0194787400888", "00004", "00001", "766656.49", "1125250.40", 4),
            ("50880050/0194791600888", "00004", "00001", "-1970431.87", "-4472049.09", 7),
            ("50880050/0194791601888", "00004", "00001", "-324910.25", "-397310.25", 3),
            ("50880050/0194798900888", "00004", "00001", "-450.00", "-600.00", 1),
            ("50880050/0194799000888", "00004", "00001", "-450.00", "-600.00", 1),
            ("50880050/0194804000888", "00001", "00001", "0.00", "50.05", 1),
        ],
    ),
    "swift_generic/wolph_betterplace_with_binary_character.sta": (
        "generic",
        [_NUMBER_OF_NO_POLISH_LENGTH] * 2,
        [
            ("51230800/0000007055", "00027", "00001", "380115.77", "199929.02", ["27.00", "13068.30", "-193282.05"]),
            ("51230800/0000007304", "00053", "00001", "130073.19", "131193.19", ["1120.00"]),
        ],
    ),
    "swift_generic/wolph_citi_mt940.txt": (
        "citi",
        [_NUMBER_OF_NO_POLISH_LENGTH],
        [("123456789", "1", "1", "17376.67", "16233.92", ["-212.39", "-369.28", "0.00", "0.00", "-561.08"])],
    ),
    "swift_generic/wolph_cmxl_mt940.sta": (
        "generic",
        [_NUMBER_OF_NO_POLISH_LENGTH] * 2,
        [
            ("45050050/76198810", "27", "01", "84349.74", "84437.04",
             ["-6800.00", "-620.30", "18500.00", "-14220.00", "-1507.00", "4200.00", "-19900.00", "-400.00", "3656.74",
              "23040.00", "-5862.14"]),
            ("10020030/1234567", "5", "1", "2187.95", "4387.95", ["-800.00", "3000.00"]),
            ("BPHKPLPK/320000546101", "00084", "001", "40000.00", "50040.00", ["20000.00", "-10000.00", "40.00"]),
        ],
    ),
    "swift_generic/wolph_self-provided_february_30.sta": (
        "generic",
        ["VALUE_DATE_ADJUSTED"],
        [("12345678/1020304050", "00000", "001", "1200.00", "1194.00", ["-6.00"])],
    ),
    "swift_generic/wolph_self-provided_wrapped_timestamp.sta": (
        "generic",
        ["VALUE_DATE_ADJUSTED"],
        [("12345678/1020304050", "00000", "001", "1200.00", "1194.00", ["-6.00"])],
    ),
    "swift_generic/wolph_self-provided_long_statement_number.sta": (
        "generic",
        ["NUMBER_NOT_NUMERIC"],
        [("006700763/93984487", "1810118101", "", "0.00", "0.00", [])],
    ),
    "swift_generic/wolph_self-provided_malformed_details.sta": (
        "generic",
        ["BALANCE_MISMATCH"],
        [("12345678/1020304050", "0", "", "12345.12", "12345.98", ["-233.15"])],
    ),
    "swift_generic/wolph_self-provided_overly_long_details.sta": (
        "generic",
        ["BALANCE_MISMATCH"],
        [("12345678/1020304050", "0", "", "12345.12", "12345.98", ["-233.15"])],
    ),
    "swift_generic/wolph_self-provided_multiline.sta": (
        "generic",
        # an entry of another file stands behind the end
        ["TAG_MISPLACED", "LINE_OUT_OF_PLACE"],
        [('BILLLULLXXX/"NUMERODECOMPTEIBAN2"', "00115", "001", "16.40", "11.40", ["-5.00"])],
    ),
    "swift_generic/wolph_self-provided_raphaelm.sta": (
        "generic",
        ["NRB_LENGTH", *["LINE_OUT_OF_PLACE"] * 8, "NRB_LENGTH", "NRB_LENGTH", *["LINE_OUT_OF_PLACE"] * 3],
        [
            ("1222333444", "1", "1", "0.00", "105000.00", ["5000.00", *["20000.00"] * 5]),
            ("1222333444", "1", "1", "105000.00", "145000.00", ["20000.00"] * 2),
            ("3346780111", "2", "1", "145000.00", "95000.00", ["-50000.00"]),
        ],
    ),
}  # fmt: skip


def everything() -> dict[str, Path]:
    """Path of every sample that is here, by its name; the shipped copy first."""
    found: dict[str, Path] = {}
    for root in (SHIPPED, BESIDE):
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            if path.suffix in (".sta", ".txt", ".swi", ".940") and not path.name.startswith("mass_"):
                found.setdefault(path.relative_to(root).as_posix(), path)
    return found

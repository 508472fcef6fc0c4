"""What the camt samples hold, read off the files by eye; see tests/data/bank/SOURCES.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    amount: str
    booked: str
    mark: str = ""
    title: str = ""
    name: str = ""
    account: str = ""
    payer_key: str = ""
    bank_ref: str = ""
    end_to_end: str = ""
    type_code: str = ""
    problems: tuple[str, ...] = ()
    batch: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Sheet:
    """One statement; balances as ``amount date``."""

    account: str
    number: str = ""
    page: str = ""
    opening: str = ""
    closing: str = ""
    rows: tuple[Row, ...] = ()
    problems: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


SWISS = "CH2801234000123456789"
DUTCH = "NL26VAYB8060476890"
FOREIGN = ("CURRENCY_DIFFERS",) * 3
OPENS = "18.15 2014-12-30"
PAID = Row(
    "8.85", "2014-12-31", "C", "4654654654654654", "NAME NAME", "NL56AGDH9619008421", type_code="544"
)  # fmt: skip


def order(**more: object) -> Row:
    """The order of 200,000 SEK that most interim reports and notices of the collection hold."""
    return Row("-200000.00", "2007-10-18", "D", **more)  # type: ignore[arg-type]


def interim(*rows: Row, **more: object) -> Sheet:
    return Sheet(SWISS, "12312", rows=rows, **more)  # type: ignore[arg-type]


REPORTED = {
    "title": "Credit",
    "name": "Company Name",
    "bank_ref": "AAAASESS-FP-ACCR-01",
    "type_code": "PAYM-0001-0003",
}
PENDING = Sheet(SWISS, "12312", "2", "", "10022.15 2020-04-04", problems=("ENTRY_NOT_BOOKED",))
ORDERS = order(title="Order", bank_ref="ACSR160617103200001", type_code="PMNT-ICDT-DMCT", problems=("DETAILS_SUM",))

#: file -> (kind, version, statements, problems outside of them)
EXPECTED: dict[str, tuple[str, str, tuple[Sheet, ...], tuple[str, ...]]] = {
    "camt/genkgo_camt052.v1.xml": (
        "interim",
        "camt.052.001.01",
        (
            interim(
                order(
                    title="Credit",
                    bank_ref="AAAASESS-FP-ACCR-01",
                    type_code="PAYM-0001-0003",
                    problems=("BATCH_WITHOUT_DETAILS",),
                )
            ),
        ),
        (),
    ),
    "camt/genkgo_camt052.v2.xml": (
        "interim",
        "camt.052.001.02",
        (interim(order(account="NL56AGDH9619008421", **REPORTED)),),
        (),
    ),
    "camt/genkgo_camt052.v2.other-account.xml": (
        "interim",
        "camt.052.001.02",
        (interim(order(account="0000000000", **REPORTED)),),
        (),
    ),
    "camt/genkgo_camt052.v2.with-account-name.xml": (
        "interim",
        "camt.052.001.02",
        (Sheet(SWISS, rows=(order(name="Company Name", account=SWISS, problems=("DATE_MISSING",)),)),),
        (),
    ),
    "camt/genkgo_camt052.v4.xml": (
        "interim",
        "camt.052.001.04",
        (Sheet(SWISS, "12312", "2", "", "10022.15 2016-06-14", problems=("ENTRY_NOT_BOOKED",)),),
        (),
    ),
    "camt/genkgo_camt052.v6.xml": ("interim", "camt.052.001.06", (PENDING,), ()),
    "camt/genkgo_camt052.v6.Amt-zero.xml": ("interim", "camt.052.001.06", (PENDING,), ()),
    "camt/genkgo_camt052.v8.xml": (
        "interim",
        "camt.052.001.08",
        (
            interim(
                order(
                    title="Credit",
                    bank_ref="AAAASESS-FP-ACCR-01",
                    type_code="PMNT-ICDT-XBCT",
                    problems=("BATCH_WITHOUT_DETAILS",),
                )
            ),
        ),
        (),
    ),
    "camt/genkgo_camt053.v2.all-balance-types.xml": (
        "statement",
        "camt.053.001.02",
        (
            Sheet(
                SWISS,
                "315",
                "",
                "1.01 2015-01-21",
                "4.04 2015-01-22",
                (
                    Row(
                        "8.85",
                        "2014-12-31",
                        "C",
                        "Transaction Description",
                        end_to_end="000000001",
                        type_code="544",
                    ),
                ),
                ("BALANCE_MISMATCH",),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt053.v2.five.decimals.xml": (
        "statement",
        "camt.053.001.02",
        (
            Sheet(
                DUTCH,
                "12312",
                "",
                OPENS,
                "27.05 2014-12-31",
                (
                    Row(
                        "8.85",
                        "2014-12-31",
                        "C",
                        "Transaction Description",
                        end_to_end="000000001",
                        type_code="544",
                    ),
                ),
                ("BALANCE_MISMATCH",),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt053.v2.minimal.ultimate.xml": (
        "statement",
        "camt.053.001.02",
        (
            Sheet(
                DUTCH,
                "12312",
                "",
                OPENS,
                "",
                (Row("8.85", "2014-12-31", "C", "4654654654654654", "DEBTOR NAME NM", type_code="544"),),
                (*FOREIGN, "CLOSING_MISSING"),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt053.v2.minimal.xml": (
        "statement",
        "camt.053.001.02",
        (Sheet(DUTCH, "12312", "", OPENS, "", (PAID,), (*FOREIGN, "CLOSING_MISSING")),),
        (),
    ),
    "camt/genkgo_camt053.v2.with-party-ids.xml": (
        "statement",
        "camt.053.001.02",
        (Sheet(DUTCH, "12312", "", OPENS, "", (PAID,), (*FOREIGN, "CLOSING_MISSING")),),
        (),
    ),
    "camt/genkgo_camt053.v2.multi.statement.xml": (
        "statement",
        "camt.053.001.02",
        (
            Sheet(
                DUTCH,
                "12312",
                "",
                OPENS,
                "27.00 2014-12-31",
                (
                    Row(
                        "8.85",
                        "2014-12-31",
                        "C",
                        "Transaction Description 1",
                        end_to_end="000000001",
                        type_code="544",
                    ),
                ),
            ),
            Sheet(
                DUTCH,
                "",
                "",
                "27.00 2014-12-30",
                "20.00 2014-12-31",
                (
                    Row(
                        "-7.00",
                        "2014-12-31",
                        "D",
                        "Transaction Description 2",
                        "Company Name 2",
                        "NL56AGDH9619008421",
                        end_to_end="000000002",
                        type_code="544",
                    ),
                ),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt053.v2.with-account-name.xml": (
        "statement",
        "camt.053.001.02",
        (
            Sheet(
                SWISS,
                rows=(Row("8.85", "2014-12-31", "C", type_code="544"),),
                problems=("OPENING_MISSING", "CLOSING_MISSING"),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt053.v2.wrong.xml": ("", "camt.053.001.02", (), ("STATEMENT_MISSING",)),
    "camt/genkgo_camt053.v3.xml": (
        "statement",
        "camt.053.001.03",
        (
            Sheet(
                DUTCH,
                "12312",
                "",
                OPENS,
                "",
                (
                    Row(
                        "8.85",
                        "2014-12-31",
                        "C",
                        "4654654654654654",
                        "NAME NAME",
                        "NL56AGDH9619008421",
                        bank_ref="XXXXXXXXXXXXXXXXXXXXXXEUR",
                        type_code="PMNT-RCDT-DMCT",
                        problems=("DETAILS_SUM",),
                    ),
                ),
                (*FOREIGN, "CLOSING_MISSING"),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt053.v4.xml": (
        "statement",
        "camt.053.001.04",
        (
            Sheet(
                DUTCH,
                "12312",
                "2",
                OPENS,
                "",
                (
                    Row(
                        "8.85",
                        "2014-12-31",
                        "C",
                        "4654654654654654",
                        "NAME NAME",
                        "NL56AGDH9619008421",
                        bank_ref="AAAASESS-FP-CN_98765/01",
                        type_code="PAYM-0001-0005",
                    ),
                ),
                (*FOREIGN, "CLOSING_MISSING"),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt053.v8.xml": (
        "statement",
        "camt.053.001.08",
        (
            Sheet(
                DUTCH,
                "12312",
                "2",
                OPENS,
                "",
                (
                    Row(
                        "8.85",
                        "2014-12-31",
                        "C",
                        "4654654654654654",
                        "NAME NAME",
                        "NL56AGDH9619008421",
                        bank_ref="AAAASESS-FP-CN_98765/01",
                        end_to_end="MUELL/FINP/RA12345",
                        type_code="PMNT-RCDT-BOOK",
                    ),
                ),
                (*FOREIGN, "CLOSING_MISSING"),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt054.v2.xml": (
        "notice",
        "camt.054.001.02",
        (interim(order(bank_ref="AAAASESS-FP-ACCR001", type_code="PMNT-ICDT-DMCT", problems=("DETAILS_SUM",))),),
        (),
    ),
    "camt/genkgo_camt054.v2.with-account-name.xml": (
        "notice",
        "camt.054.001.02",
        (Sheet(SWISS, rows=(order(type_code="PMNT-ICDT-DMCT", problems=("DATE_MISSING",)),)),),
        (),
    ),
    "camt/genkgo_camt054.v4.xml": ("notice", "camt.054.001.04", (interim(ORDERS, page="2"),), ()),
    "camt/genkgo_camt054.v8.xml": ("notice", "camt.054.001.08", (interim(ORDERS, page="2"),), ()),
    "camt/genkgo_camt054.v8-with-UETR.xml": (
        "notice",
        "camt.054.001.08",
        (
            Sheet(
                SWISS,
                rows=(order(bank_ref="255ae394-9965-4438-ac86-f406feada396", problems=("DATE_MISSING",)),),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt054.v8-with-financial-institution.xml": (
        "notice",
        "camt.054.001.08",
        (
            Sheet(
                SWISS,
                rows=(
                    order(
                        name="Example Creditor 3 - V1",
                        bank_ref="ACSR160617103200001",
                        problems=("DATE_MISSING",),
                    ),
                ),
            ),
        ),
        (),
    ),
    "camt/genkgo_camt53.only-Dt-with-DtTm.xml": (
        "statement",
        "camt.053.001.02",
        (Sheet("GB33BUKB20201555555555", "", "", "5442.09 2025-07-23", "", problems=("CLOSING_MISSING",)),),
        (),
    ),
    "synthetic/camt053_virtual_accounts.xml": (
        "statement",
        "camt.053.001.02",
        (
            Sheet(
                "71103000190000111122223333",
                "190",
                "",
                "100.00 2026-10-02",
                "172.99 2026-10-02",
                (
                    Row(
                        "49.99",
                        "2026-10-02",
                        "C",
                        "FV/2026/09/000101",
                        "JAN KOWALSKI",
                        "38109010140000071219812900",
                        "61103000191234000000000101",
                        "SC2610020001-1",
                        type_code="SPEEDCOLLECT",
                        batch="SC2610020001",
                    ),
                    Row(
                        "123.00",
                        "2026-10-02",
                        "C",
                        "DWIE FAKTURY",
                        "ŁUCJA ŻÓŁĆ-ŹDŹBŁO",
                        "11109010140000071219812901",
                        "34103000191234000000000102",
                        "SC2610020001-2",
                        type_code="SPEEDCOLLECT",
                        batch="SC2610020001",
                    ),
                    Row("-100.00", "2026-10-02", "RC", bank_ref="SC2610020002", type_code="REVERSAL"),
                ),
            ),
        ),
        (),
    ),
}

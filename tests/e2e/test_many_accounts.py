"""The base that ``./bss demo --accounts`` grows: every copy is a customer of his own, and the whole cycle runs on them."""

from __future__ import annotations

from tests.conftest import _bss
from tests.stories import TODAY

ACCOUNTS = 150


def test_grown_base(fresh_database: str) -> None:
    from bss_cli import context, demo

    outcome = demo.fill(context.prepare(), fresh_database, demo.Size(1_000, ACCOUNTS), TODAY)
    broken = [law["text"] for law in outcome.laws if not law["holds"]]
    assert outcome.laws and not broken

    def value(query: str) -> str:
        return _bss("psql", fresh_database, "--", "-qAtc", query).splitlines()[-1]

    def differ(column: str, table: str, where: str = "true") -> bool:
        return value(f"SELECT count(*) = count(DISTINCT {column}) AND count(*) > 0 FROM {table} WHERE {where}") == "t"

    assert value("SELECT count(*) FROM bss_account") == str(ACCOUNTS)
    assert differ("partner_id", "bss_account")
    assert differ("email", "res_partner", "id IN (SELECT partner_id FROM bss_account)")
    assert differ("vat", "res_partner", "id IN (SELECT partner_id FROM bss_account) AND vat <> ''")
    assert differ("account_id", "bss_virtual_account")
    assert differ(
        "location_id", "(SELECT DISTINCT account_id, location_id FROM bss_service WHERE location_id > 0) flat"
    )
    assert differ("main_identifier", "bss_service", "state = 'active' AND main_identifier <> ''")
    # several towns, kinds and resellers, promotions, prices with VAT
    assert int(value("SELECT count(DISTINCT city) FROM bss_location WHERE kind = 'premises'")) >= 6
    assert value("SELECT count(DISTINCT customer_kind) FROM bss_account") == "4"
    assert int(value("SELECT count(DISTINCT reseller_id) FROM bss_account")) > 1
    assert int(value("SELECT count(*) FROM bss_service_promotion")) > ACCOUNTS // 10
    assert int(value("SELECT count(*) FROM bss_charge WHERE price_kind = 'gross' AND state = 'billed'")) > 0
    # two earlier bills, almost all paid; each account has at most one invoice of a run
    assert value("SELECT count(*) FROM bss_bill_run WHERE state = 'done'") == "3"
    assert differ("(bss_bill_run_id, bss_account_id)", "account_move", "move_type = 'out_invoice'")
    early = "m.bss_bill_run_id < (SELECT max(id) FROM bss_bill_run) AND m.move_type = 'out_invoice'"
    paid = f"SELECT count(*) FILTER (WHERE m.payment_state = 'paid') * 100 / count(*) FROM account_move m WHERE {early}"
    assert int(value(paid)) >= 95
    # what was written as copies balances, and says paid where nothing is open
    assert (
        value("SELECT count(*) FROM (SELECT move_id FROM account_move_line GROUP BY 1 HAVING sum(balance) <> 0) f")
        == "0"
    )
    open_lines = """SELECT count(*) FROM account_move_line l JOIN account_account a ON a.id = l.account_id
        WHERE a.account_type = 'asset_receivable' AND l.amount_residual <> l.balance
          - coalesce((SELECT sum(amount) FROM account_partial_reconcile WHERE debit_move_id = l.id), 0)
          + coalesce((SELECT sum(amount) FROM account_partial_reconcile WHERE credit_move_id = l.id), 0)"""
    assert value(open_lines) == "0"

"""From collected charges to requests for invoices: rows of SQL, no record of a charge is read."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..bulk.partners import read_partners
from ..bulk_core import InvoiceRequest, LineRequest

CENT = Decimal("0.01")
CLAIM = SQL("charge.bill_run_item_id = item.id")


class Requests:
    """What the items of a chunk ask for.

    :ivar invoices: [InvoiceRequest] in the order of the items
    :ivar charges: {item id: for each line the rows of its charges}
    :ivar problems: {item id: why it cannot be invoiced}
    :ivar waiting: {item id: why there is nothing to invoice; False without any charge}
    :ivar corrective: ids of the items that reduce issued invoices; they are for the ORM
    """

    def __init__(self):
        self.invoices, self.charges, self.problems, self.waiting, self.corrective = [], {}, {}, {}, []


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_requests(self, item_ids):
        """Requests of pending items.

        :return: Requests
        """
        self.ensure_one()
        found = Requests()
        by_item = defaultdict(list)
        for row in self._bss_charge_rows(item_ids):
            by_item[row.item_id].append(row)
        taxes = _Taxes(self, [row for rows in by_item.values() for row in rows])
        cycle = self.cycle_id
        term_id = cycle.payment_term_id.id or None
        due = None if term_id else cycle._bss_due_date(self.date_invoice)
        for item_id in item_ids:
            rows = by_item.get(item_id, ())
            if any(row.is_reduction for row in rows):
                found.corrective.append(item_id)
                continue
            total = sum([row.amount for row in rows], Decimal(0))
            if total <= 0:
                found.waiting[item_id] = rows and self._bss_waiting_sum_text(total) or False
                continue
            try:
                lines, owners = self._bss_lines(rows, [taxes.of(row) for row in rows])
            except UserError as error:
                found.problems[item_id] = str(error)
                continue
            first = rows[0]
            foreign = next((row for row in rows if row.currency_id != first.account_currency_id), None)
            if foreign:
                found.problems[item_id] = self._bss_foreign_text(foreign.name)
                continue
            found.charges[item_id] = owners
            found.invoices.append(
                InvoiceRequest(
                    item_id,
                    first.account_id,
                    first.partner_id,
                    tuple(lines),
                    self.date_start,
                    self.date_end,
                    due,
                    term_id,
                    first.reseller_id,
                )
            )
        return found

    def _bss_line_request(self, row, tax_ids):
        quantity, price = self._bss_exact(row)
        name = self._bss_row_text(row, row.name, row.identifier)
        return LineRequest(
            row.id,
            row.service_id,
            row.product_id,
            tax_ids,
            name,
            quantity,
            price,
            Decimal(0),
            row.date_start,
            row.date_end,
        )

    @staticmethod
    def _bss_exact(row):
        """(quantity, price) whose product is the amount of the charge to the grosz.

        Prices and quantities of documents have two decimals: everything finer becomes one piece.
        """
        amount, quantity, price = row.amount, row.quantity, row.price_unit
        if row.price_kind == "gross":
            amount = row.amount_gross
            price = amount / quantity if quantity else amount
        whole = quantity == quantity.quantize(CENT) and price == price.quantize(CENT)
        if whole and quantity and row.kind != "usage" and quantity * price == amount:
            return quantity, price
        return Decimal(1), amount

    def _bss_row_text(self, row, name, identifier):
        lang = row.lang or self.env.lang
        return self._bss_line_text(name, row.kind, row.date_start, row.date_end, lang, identifier, row.contract)

    def _bss_line_text(self, name, kind, start, end, lang, identifier="", contract=""):
        """Text of an invoice line: what and for which days.

        :param identifier: number or login of the service, which the name may end with
        :param contract: its number
        """
        if not start or kind == "one_off":
            return name
        if not end or start == end:
            return f"{name} ({self._bss_day_text(start, lang)})"
        return f"{name} ({self._bss_day_text(start, lang)} – {self._bss_day_text(end, lang)})"

    def _bss_day_text(self, day, lang):
        # a run of a hundred thousand invoices has a few dozen different days
        texts = self.env.cr.cache.setdefault("bss_day_texts", {})
        if (day, lang) not in texts:
            texts[day, lang] = format_date(self.env, day, lang_code=lang)
        return texts[day, lang]

    def _bss_foreign_text(self, name):
        return self.env._("Charge %(name)s is in another currency than the account.", name=name)

    def _bss_waiting_sum_text(self, amount):
        return self.env._("The charges sum to %(amount)s; they wait for the next bill.", amount=amount)

    def _bss_charge_rows(self, item_ids):
        """Pending charges of the items, locked to the end of the transaction, in the order of their lines."""
        self.env["bss.charge"].flush_model()
        self.env["bss.bill.run.item"].flush_model()
        for name in ("bss.account", "bss.bill.cycle", "bss.contract", "bss.service"):
            self.env[name].flush_model()
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                SELECT charge.id
                  FROM bss_charge charge JOIN bss_bill_run_item item ON %s
                 WHERE item.id = ANY(%s) AND charge.state = 'pending' ORDER BY charge.id
                   FOR NO KEY UPDATE OF charge
                """,
                CLAIM,
                list(item_ids),
            )
        )
        charge_ids = [row[0] for row in cr.fetchall()]
        cr.execute(
            SQL(
                """
                -- the columns of ChargeRow; as text, because the cursor of Odoo makes floats of numbers
                SELECT COALESCE(charge.amount, 0)::text, COALESCE(charge.amount_gross, 0)::text,
                       COALESCE(charge.quantity, 0)::text, COALESCE(charge.price_unit, 0)::text,
                       item.id, charge.id, charge.account_id, account.partner_id, partner.lang,
                       account.currency_id, account.reseller_id,
                       COALESCE(account.line_grouping, cycle.line_grouping, 'none'),
                       service.main_identifier, COALESCE(contract.name, holder.name),
                       charge.kind, charge.name, charge.price_kind, charge.product_id, charge.service_id, charge.currency_id, charge.date_start, charge.date_end,
                       COALESCE((SELECT array_agg(tax_id ORDER BY tax_id) FROM bss_charge_tax_rel rel
                                  WHERE rel.charge_id = charge.id),
                                (SELECT array_agg(rel.account_tax_id ORDER BY rel.account_tax_id)
                                   FROM account_move_line_account_tax_rel rel
                                  WHERE rel.account_move_line_id = origin.move_line_id)) AS tax_ids,
                       origin.move_line_id AS origin_line_id,
                       charge.kind = 'correction' AND charge.amount < 0
                       AND COALESCE(origin_move.state, '') = 'posted' AS is_reduction
                  FROM bss_charge charge
                  JOIN bss_bill_run_item item ON %(claim)s
                  JOIN bss_account account ON account.id = charge.account_id
                  JOIN res_partner partner ON partner.id = account.partner_id
             LEFT JOIN bss_bill_cycle cycle ON cycle.id = account.bill_cycle_id
             LEFT JOIN bss_contract contract ON contract.id = charge.contract_id
             LEFT JOIN bss_service service ON service.id = charge.service_id
             LEFT JOIN bss_contract holder ON holder.id = service.contract_id
             LEFT JOIN bss_charge origin ON origin.id = charge.origin_charge_id
             LEFT JOIN account_move origin_move ON origin_move.id = origin.move_id
                 WHERE item.id = ANY(%(items)s) AND charge.id = ANY(%(charges)s)
              ORDER BY item.id, contract.date_signed DESC, contract.name DESC, contract.id DESC,
                       holder.date_signed DESC, holder.name DESC, holder.id DESC, service.sequence, service.id,
                       charge.date_start, charge.id
                """,
                claim=CLAIM,
                items=list(item_ids),
                charges=charge_ids,
            )
        )
        return [
            ChargeRow(Decimal(amount), Decimal(gross), Decimal(quantity), Decimal(price), *others)
            for amount, gross, quantity, price, *others in cr.fetchall()
        ]

    def _bss_drop_given_back_rows(self, item_ids):
        """Charges given back before anyone invoiced them vanish together with their corrections."""
        self.env["bss.charge"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH own AS (
                    SELECT charge.id, charge.kind, charge.origin_charge_id, charge.amount, item.id AS item_id
                      FROM bss_charge charge JOIN bss_bill_run_item item ON %(claim)s
                     WHERE item.id = ANY(%(items)s) AND charge.state = 'pending'),
                gone AS (
                    SELECT origin.id, array_agg(back.id) AS backs
                      FROM own back JOIN own origin
                        ON origin.id = back.origin_charge_id AND origin.item_id = back.item_id
                     WHERE back.kind = 'correction'
                  GROUP BY origin.id, origin.amount HAVING origin.amount + SUM(back.amount) = 0)
                UPDATE bss_charge SET state = 'cancelled', bill_run_id = NULL, bill_run_item_id = NULL
                 WHERE id IN (SELECT id FROM gone) OR id IN (SELECT unnest(backs) FROM gone)
                """,
                claim=CLAIM,
                items=list(item_ids),
            )
        )
        self.env["bss.charge"].invalidate_model()


class ChargeRow(NamedTuple):
    """One charge as the database holds it, in the order of the statement that reads it."""

    amount: Decimal
    amount_gross: Decimal
    quantity: Decimal
    price_unit: Decimal
    item_id: int
    id: int
    account_id: int
    partner_id: int
    lang: str | None
    account_currency_id: int
    reseller_id: int | None
    line_grouping: str
    identifier: str | None
    contract: str | None
    kind: str
    name: str
    price_kind: str | None
    product_id: int
    service_id: int | None
    currency_id: int
    date_start: date | None
    date_end: date | None
    tax_ids: list[int] | None
    origin_line_id: int | None
    is_reduction: bool


class _Taxes:
    """Taxes of charges, worked out once for each product, fiscal position and kind of price."""

    def __init__(self, run, rows):
        self.env = run.with_company(run.company_id).env
        self.company = run.company_id
        self.partners = read_partners(self.env, self.company, {row.partner_id for row in rows})
        # a correction is taxed like what it corrects, as earlier corrections left it
        lines = run.env["account.move.line"].sudo().browse({row.origin_line_id for row in rows if row.origin_line_id})
        self.taxed_anew = lines._bss_taxes_after_corrections() if lines else {}
        self.known = {}

    def of(self, row):
        partner = self.partners.get(row.partner_id)
        position_id = partner.profile[1] if partner else None
        taxes = self.taxed_anew.get(row.origin_line_id)
        own = tuple(taxes.ids if taxes else row.tax_ids or ()) or None
        key = (own or row.product_id, None if own else position_id, own is None, row.price_kind)
        if key not in self.known:
            self.known[key] = self._find(row, own, position_id)
        return self.known[key]

    def _find(self, row, own, position_id):
        if own:
            taxes = self.env["account.tax"].browse(own)
        else:
            taxes = self.env["product.product"].browse(row.product_id).taxes_id._filter_taxes_by_company(self.company)
            taxes = self.env["account.fiscal.position"].browse(position_id or ()).map_tax(taxes)
        return tuple((taxes._bss_for_gross() if row.price_kind == "gross" else taxes).ids)

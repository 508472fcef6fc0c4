"""Reads what invoices print, for thousands at once: a handful of statements, then rows for the pure kernel."""

from collections import defaultdict
from decimal import Decimal

from ..document_core import (
    Balance,
    CorrectedLine,
    Correction,
    Invoice,
    InvoiceLine,
    LineSide,
    Original,
    Party,
    Seller,
    Usage,
    document_language,
    month_before,
)
from ..document_core.invoice import HISTORY_MONTHS
from ..document_core.invoice_rows import ZERO
from . import invoice_data, invoice_queries
from .invoice_data import LANGUAGE_CODES


class InvoiceLoader:
    """Rows of the invoices of ``moves``; one object reads one batch."""

    def __init__(self, moves):
        self.env = moves.env(su=True)
        self.ids = list(moves.ids)
        self.sellers = {}
        self.rates = {}

    def load(self):
        """{id of the move: Invoice}"""
        if not self.ids:
            return {}
        self.env.flush_all()
        heads = self._heads()
        self.parties = invoice_queries.parties(
            self.env, {row.partner_id for row in heads} | {row.commercial_id for row in heads}
        )
        accounts = self.env["bss.account"].browse({row.account_id for row in heads if row.account_id})
        numbers = accounts._bss_payment_bank_account()
        balances = self._balances(heads)
        months = self._history(heads)
        found = {row.id: self._invoice(row, numbers, balances, months) for row in heads}
        self._add_lines(found)
        return found

    def _heads(self):
        return invoice_queries.moves(self.env, self.ids)

    def _lines(self):
        """(rows of product and tax lines in the order of the invoices, {line id: its taxes in Odoo's order})"""
        return invoice_queries.lines(self.env, self.ids), invoice_queries.line_taxes(self.env, self.ids)

    def _invoice(self, row, numbers, balances, months):
        own, head = self.parties[row.partner_id], self.parties[row.commercial_id]
        lang = document_language(head["code"], head["lang"])
        buyer = self._party(head, lang)
        # a correction is for what the originals were for, not for something sold on its own day
        facts = self._correction_facts(row.correction_id)
        supplied = row.original_supplied or row.supplied or row.delivery_date or row.invoice_date
        days = (row.date_start, row.date_end)
        if facts:
            supplied, days = facts["supplied"], facts["days"] or (None, None)
        return Invoice(
            lang=lang,
            refund=row.move_type == "out_refund",
            posted=row.state == "posted",
            number=row.name or "",
            issued=row.invoice_date,
            accounting_date=row.date,
            supplied=supplied,
            due=row.invoice_date_due,
            date_start=days[0],
            date_end=days[1],
            ref=row.ref or "",
            net=Decimal(row.net),
            vat=Decimal(row.vat),
            total=Decimal(row.total),
            currency=row.currency,
            seller=self._seller(row.company_id, lang),
            recipient=buyer if row.partner_id == row.commercial_id else self._party(own, lang),
            buyer=buyer,
            account=row.account or "",
            cash=row.payment_way == "cash",
            nrb=numbers.get(row.account_id, ""),
            reseller=row.reseller or "",
            correction=self._correction(facts, lang) if facts else None,
            original=Original(row.original or "", row.original_date) if row.original_id else None,
            balance=balances.get(row.id) or Balance(),
            history=months.get((row.account_id, row.currency_id), {}),
            left=Decimal(row.open) if row.move_type == "out_refund" and row.state == "posted" else ZERO,
        )

    def _correction_facts(self, correction_id):
        return self.env["bss.invoice.correction"].browse(correction_id)._bss_facts() if correction_id else None

    def _correction(self, facts, lang):
        """States before and after, from what issuing kept."""
        moves = self.env["account.move"].browse(facts["original_ids"])
        return Correction(
            originals=[
                Original(move.name or "", move.invoice_date, "", move.bss_date_start or None, move.bss_date_end or None)
                for move in moves
            ],
            reason=facts["reason"],
            lines=[
                CorrectedLine(
                    name=pair["name"],
                    original=pair["original"],
                    before=self._side(pair, "before", lang),
                    after=self._side(pair, "after", lang),
                )
                for pair in facts["lines"]
            ],
            buyer_before=self._corrected_party(facts["buyer_before"], lang),
            buyer_after=self._corrected_party(facts["buyer_after"], lang),
            discount_days=facts["discount_days"],
        )

    def _side(self, pair, name, lang):
        side = pair[name]
        return LineSide(
            quantity=Decimal(repr(side["quantity"])),
            price=Decimal(repr(side["price"])),
            net=Decimal(f"{side['net']:.2f}"),
            rate=self._rate([side["tax_id"]] if side["tax_id"] else (), lang)[0],
            is_gross=pair["is_gross"],
        )

    def _corrected_party(self, data, lang):
        if not data:
            return None
        country = (
            self.env["res.country"].with_context(lang=LANGUAGE_CODES[lang]).search([("code", "=", data["country"])])
        )
        return Party(
            name=data["name"],
            street=data["street"],
            zip=data["zip"],
            city=data["city"],
            country=country.name if data["country"] not in ("", "PL") else "",
            vat=data["vat"],
        )

    def _party(self, row, lang):
        names = row["country"] or {}
        abroad = row["code"] not in ("", "PL")
        country = names.get(LANGUAGE_CODES[lang]) or names.get("en_US") or ""
        return Party(
            name=row["name"],
            street=row["street"],
            street2=row["street2"],
            zip=row["zip"],
            city=row["city"],
            country=country if abroad else "",
            vat=row["vat"],
        )

    def _seller(self, company_id, lang):
        key = company_id, lang
        if key not in self.sellers:
            company = self.env["res.company"].browse(company_id)
            banks = {}
            for bank in company.partner_id.bank_ids:
                digits = "".join(char for char in bank.acc_number or "" if char.isdigit())
                if len(digits) == 26:
                    banks.setdefault(digits[2:6], bank.bank_id.name or "")
            self.sellers[key] = Seller(
                data=invoice_data.seller(company, lang),
                name=company.name or "",
                vat=company.vat or "",
                banks=banks,
                message=company.with_context(lang=LANGUAGE_CODES[lang]).bss_invoice_message or "",
            )
        return self.sellers[key]

    # --- balance and earlier months

    def _balances(self, heads):
        """{move id: Balance}: what was open before the invoice, those before it among these included."""
        accounts_of = defaultdict(set)
        for row in heads:
            if row.account_id and row.move_type == "out_invoice" and row.invoice_date:
                accounts_of[row.invoice_date].add(row.account_id)
        opened = {
            (account, currency, day): (Decimal(total), Decimal(overdue))
            for one_day, accounts in accounts_of.items()
            for account, currency, day, total, overdue in invoice_queries.open_amounts(
                self.env, accounts, one_day, self.ids
            )
        }
        found = {}
        before = defaultdict(Decimal)
        dated = (row for row in heads if row.account_id and row.invoice_date)
        for row in sorted(dated, key=lambda one: (one.invoice_date, one.id)):
            account = row.account_id, row.currency_id
            total, overdue = opened.get((*account, row.invoice_date), (ZERO, ZERO))
            # a credit that the invoice before has used up is not there for this one
            found[row.id] = Balance(total + before[account], overdue)
            if row.state == "posted":
                before[account] += -Decimal(row.open) if row.move_type == "out_refund" else Decimal(row.open)
        return found

    def _history(self, heads):
        """{(account, currency): {(year, month): gross}}; the kernel takes the months it wants."""
        dated = [row for row in heads if row.account_id and row.move_type == "out_invoice" and row.invoice_date]
        found = defaultdict(dict)
        if dated:
            first = min(month_before(row.invoice_date, HISTORY_MONTHS - 1) for row in dated)
            last = max(row.invoice_date for row in dated).replace(day=1)
            rows = invoice_queries.months(self.env, {row.account_id for row in dated}, first, last)
            for account, currency, month, total in rows:
                found[account, currency][month.year, month.month] = Decimal(total)
        return found

    # --- lines

    def _add_lines(self, found):
        rows, taxes_of = self._lines()
        for row in rows:
            invoice = found[row.move_id]
            # the sign that Odoo books a sale with
            booked = Decimal(row.amount_currency) * (1 if invoice.refund else -1)
            if row.tax_line_id:
                rate = self._rate([row.tax_line_id], invoice.lang)[0]
                invoice.vat_by_rate[rate] = invoice.vat_by_rate.get(rate, 0) + booked
            if row.display_type == "product":
                rate, gross_price = self._rate(taxes_of.get(row.id, ()), invoice.lang)
                invoice.lines.append(self._line(row, invoice.lang, rate, gross_price, booked))

    def _line(self, row, lang, rate, gross_price, booked):
        zone = row.zone or {}
        return InvoiceLine(
            name=(row.name or "").strip(),
            quantity=Decimal(row.quantity),
            price_unit=Decimal(row.price_unit),
            # Odoo's own subtotal of a line is rounded alone and may differ from it by a grosz
            net=booked,
            gross_price=gross_price,
            rate=rate,
            goods=row.product_type == "consu",
            date_start=row.date_start,
            date_end=row.date_end,
            kind=row.kind or "",
            head_id=row.head_id or 0,
            head_name=row.head_name or "",
            identifier=row.identifier or "",
            contract=row.contract or "",
            usage=Usage(
                service=row.usage_service or "",
                zone=zone.get(LANGUAGE_CODES[lang]) or zone.get("en_US") or row.charge_name or "",
                count=row.usage_count or 0,
                seconds=row.usage_seconds or 0,
                net=booked,
            )
            if row.kind == "usage"
            else None,
            discount=Decimal(row.discount),
        )

    def _rate(self, tax_ids, lang):
        """(label of the first tax, whether any of them is in the price)"""
        key = tuple(tax_ids), lang
        if key not in self.rates:
            taxes = self.env["account.tax"].browse(tax_ids).with_context(lang=LANGUAGE_CODES[lang])
            first = taxes[:1]
            label = (first.invoice_label or f"{first.amount:g}%") if first else "–"
            self.rates[key] = label, any(tax.price_include for tax in taxes)
        return self.rates[key]

"""What the keyboard inbox shows of the payments that wait for a decision: list, counts, rights.

Every answer is a few statements over indexes, whatever the number of waiting payments; amounts are whole
minor units (grosze) so that the screen counts without a float.
"""

import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

WAITING = ("proposed", "unallocated")
PAGE = 80
MAX_PAGE = 500
#: (code, days from, days to); how old a waiting payment is
AGES = (("0-1", 0, 1), ("2-7", 2, 7), ("8-30", 8, 30), ("over-30", 31, None))
ORDERS = {
    "oldest": "date, id",
    "newest": "date desc, id desc",
    "largest": "amount desc, id",
    "smallest": "amount, id",
}
#: an amount as a person types it into the search: 1 234,50 or 1234.5
AMOUNT = re.compile(r"(\d{1,12})(?:[,.](\d{1,2}))?")
ROW_FIELDS = (
    "date", "amount", "payer_name", "title", "state", "reason", "confidence", "account_id", "currency_id", "journal_id", "note",
)  # fmt: skip


class BssPaymentInbox(models.AbstractModel):
    _name = "bss.payment.inbox"
    _description = "Payments to Decide"

    @api.model
    def load(self, filters=None, offset=0, limit=PAGE):
        """One page of waiting payments; the first page also carries counts and rights.

        :param filters: {"order": key of ORDERS, "journal_id": int, "reason": str, "age": code of AGES, "text": str}
        :return: {"rows": […], "total": int} and on the first page "facets" and "rights"
        """
        matches = self.env["bss.payment.match"]
        matches.check_access("read")
        filters = filters or {}
        domain = self._domain(filters)
        limit = max(1, min(int(limit), MAX_PAGE))
        found = matches.search_fetch(
            domain, ROW_FIELDS, offset=int(offset), limit=limit, order=ORDERS.get(filters.get("order"), "date, id")
        )
        answer = {"rows": self._rows(found), "total": matches.search_count(domain)}
        if not offset:
            answer |= {"facets": self._facets(domain), "rights": self._rights()}
        return answer

    @api.model
    def _domain(self, filters):
        domain = [("state", "in", WAITING), ("company_id", "in", self.env.companies.ids)]
        if filters.get("journal_id"):
            domain.append(("journal_id", "=", int(filters["journal_id"])))
        if filters.get("reason"):
            domain.append(("reason", "=", filters["reason"]))
        age = next((row for row in AGES if row[0] == filters.get("age")), None)
        if age:
            domain += self._age_domain(age)
        text = (filters.get("text") or "").strip()
        return domain + list(self._text_domain(text)) if text else domain

    @api.model
    def _text_domain(self, text):
        """Title, payer, account number however it is grouped, and amount however it is written."""
        domain = Domain("title", "ilike", text) | Domain("payer_name", "ilike", text)
        digits = re.sub(r"^PL|[\s-]", "", text.upper())  # banks store the number without spaces
        if digits.isdecimal():
            domain |= Domain("payer_nrb", "ilike", digits)
        amount = AMOUNT.fullmatch(re.sub(r"\s", "", text))
        if amount:
            value = float(f"{amount[1]}.{amount[2] or 0}")
            domain |= Domain("amount", "in", [value, -value])
        return domain

    @api.model
    def _age_domain(self, age):
        _code, first, last = age
        today = fields.Date.context_today(self)
        domain = [("date", "<=", today - timedelta(days=first))] if first else []
        if last is not None:
            domain.append(("date", ">=", today - timedelta(days=last)))
        return domain

    @api.model
    def _rows(self, matches):
        reasons = self._reason_labels()
        today = fields.Date.context_today(self)
        return [
            {
                "id": match.id,
                "date": fields.Date.to_string(match.date) or "",
                "age": (today - match.date).days if match.date else 0,
                "amount": self._minor(match.amount, match.currency_id),
                "currency": match.currency_id.id,
                "payer": match.payer_name or "",
                "title": match.title or "",
                "state": match.state,
                "reason": reasons.get(match.reason, match.reason),
                "account": match.account_id.display_name if match.account_id else "",
                "note": match.note or "",
            }
            for match in matches
        ]

    @api.model
    def _facets(self, domain):
        """How many wait, by journal, reason and age, of all; and the money of what is filtered, beside its count."""
        matches = self.env["bss.payment.match"]
        base = self._domain({})
        labels = self._reason_labels()
        by_reason = matches._read_group(base, ["reason"], ["__count"], order="__count desc")
        by_journal = matches._read_group(base, ["journal_id"], ["__count"])
        by_currency = matches._read_group([*domain, ("amount", ">", 0)], ["currency_id"], ["amount:sum"])
        ages = [(age[0], matches.search_count([*base, *self._age_domain(age)])) for age in AGES]
        return {
            "count": sum(count for _reason, count in by_reason),
            "amounts": [{"currency": each.id, "amount": self._minor(total, each)} for each, total in by_currency],
            "reasons": [{"code": code, "label": labels.get(code, code), "count": n} for code, n in by_reason],
            # whoever reads a payment knows its bank journal by name, without the rights to journals
            "journals": [
                {"id": journal.id, "label": journal.sudo().display_name, "count": n} for journal, n in by_journal
            ],
            "ages": [{"code": code, "count": count} for code, count in ages],
            "units": {each.id: 10**each.decimal_places for each in self.env["res.currency"].search([])},
        }

    @api.model
    def _rights(self):
        """What this user may do; the methods check it again."""
        matches = self.env["bss.payment.match"]
        return {"book": self._may_book(), "propose": matches.has_access("write")}

    @api.model
    def _who(self, account):
        """Whose an account is, wherever the screen names one."""
        return {
            "id": account.id,
            "number": account.name,
            "customer": account.partner_id.display_name,
            "address": ", ".join(filter(None, [account.partner_id.street, account.partner_id.city])),
        }

    @api.model
    def _reason_labels(self):
        return dict(self.env["bss.payment.match"]._fields["reason"]._description_selection(self.env))

    @api.model
    def _minor(self, amount, currency):
        """Whole minor units of an amount of this currency."""
        return round((amount or 0) * 10**currency.decimal_places)

    @api.model
    def _major(self, minor, currency):
        return currency.round(int(minor) / 10**currency.decimal_places)

    @api.model
    def _waiting(self, match_id):
        """The payment, readable by this user; empty when somebody decided it meanwhile."""
        match = self.env["bss.payment.match"].browse(int(match_id)).exists()
        match.check_access("read")
        return match.filtered(lambda each: each.state in WAITING)

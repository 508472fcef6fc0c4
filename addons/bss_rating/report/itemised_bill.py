"""One itemised bill: what it lists, as data of a PDF and as a CSV file."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import (
    document_language,
    format_amount,
    format_date,
    format_duration,
    format_period,
    format_quantity,
)
from odoo.addons.bss_contracts.report import invoice_data
from odoo.addons.bss_mediation.mediation_core.row_fix import masked_number
from odoo.tools import SQL

from .. import itemised_store
from ..itemised_core import Charged, Sums, grouped, settle, shown_number, words

TEMPLATE = "bss_rating/report/typst/itemised.typ"
PDF_EVENTS = 10_000  # 180 pages and 200 MB of memory; more are for a file: their sums are printed
CODE_SHOWN = 28
SECONDS, BYTES = ("voice", "premium"), ("data",)
STEPS = ("rounding", "elsewhere", "later", "charged")  # from the sum of events to the charge, fields of ``Settlement``


@dataclass(frozen=True)
class View:
    """How numbers are shown.

    :ivar masked_digits: last digits that are hidden
    :ivar is_secret: for somebody who may not know whom the subscriber called: hidden whatever else is asked
    :ivar without_free: leave out free, emergency and helpline numbers
    """

    masked_digits: int = 0
    is_secret: bool = False
    without_free: bool = True

    def number(self, number):
        return masked_number(number) or "" if self.is_secret else shown_number(number, self.masked_digits)

    @property
    def hides(self):
        return self.is_secret or self.masked_digits > 0


class ItemisedBill:
    """Usage of a billing account: that of an invoice (``move``), or of a period, of all its services or some."""

    def __init__(self, account, view, move=None, services=None, first=None, last=None):
        self.account, self.view, self.move, self.services = account.sudo(), view, move, services
        self.env, self.company = self.account.env, self.account.company_id
        self.first, self.last = first, last
        partner = self.account.partner_id.commercial_partner_id
        self.lang = document_language(partner.country_id.code or "", partner.lang or "")
        self.say = words(self.lang)
        self.env.flush_all()
        self._charged = None
        self.events = self._events_of_move() if move else self._events_of_period()
        self.count, self.first_at, self.last_at = itemised_store.count(self.env.cr, self.events)

    def _events_of_move(self):
        charge_ids = itemised_store.usage_charges(self.env.cr, self.move.ids).get(self.move.id, [])
        charges = self.env["bss.charge"].browse(charge_ids)
        self.first = min(charges.mapped("date_start"), default=None)
        self.last = max(charges.mapped("date_end"), default=None)
        groups = itemised_store.charge_groups(self.env, charge_ids)
        events, self._charged = itemised_store.events_of_charges(groups)
        return SQL("%s UNION ALL %s", events, itemised_store.free_events_beside(groups))

    def _events_of_period(self):
        service_ids = self.services.ids if self.services else None
        return itemised_store.events_of_period(self.account.id, service_ids, self.first, self.last)

    def uses(self):
        code = invoice_data.LANGUAGE_CODES[self.lang]
        query = itemised_store.listed(self.events, code, self.view.without_free)
        return itemised_store.uses(self.env.cr, query)

    # --- CSV

    def write_csv(self, file):
        """Write the bill, row by row: events, the sum of each group, the whole sum.

        Decimal comma and semicolons, as Polish spreadsheets read them.

        :param file: text file open for writing
        :return: how many events it has
        """
        say = self.say
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        names = ("row", "service", "kind", "zone", "date", "time", "offset", "number", "code", "network", "units")
        sums = (
            "allowance_units",
            "allowance_money",
            "amount",
            *(STEPS if self.move else ()),
        )
        writer.writerow([say[name] for name in (*names, *sums)])
        charged, total, settled = self._charged_left(), Sums(), []
        unsettled = [""] * len(STEPS) if self.move else []
        for group in grouped(self.uses()):
            head = [_safe(group.service), say["kind_" + group.kind], _safe(group.zone or say["without_zone"])]
            for use in group.uses:
                writer.writerow([say["row_event"], *head, *self._csv_use(use), *unsettled])
            rest = self._settled(charged, group.key, group.sums, settled)
            writer.writerow([say["row_subtotal"], *head, *[""] * 6, *_csv_sums(group.sums), *rest])
            total += group.sums
        settled += self._unlisted(charged)
        writer.writerow(
            [
                say["row_total"],
                *[""] * 10,
                "",
                _plain(total.free_e4),
                _plain(total.amount_e4),
                *self._csv_total(settled),
            ]
        )
        return total.events

    def _csv_use(self, use):
        return [
            use.at.date().isoformat(),
            use.at.strftime("%H:%M:%S"),
            use.offset_min,
            self.view.number(use.number) + (f" ({self.say['incoming']})" if use.incoming else ""),
            _safe(use.code),
            _safe(use.network),
            use.units,
            use.free_units,
            _plain(use.free_e4),
            _plain(use.amount_e4),
        ]

    def _charged_left(self):
        """{group: Charged} of an invoice, to be taken out group by group; None of a period."""
        return None if self._charged is None else dict(self._charged)

    def _settled(self, charged, key, sums, settled):
        if charged is None:
            return []
        told = settle(sums.amount_e4, charged.pop(key, Charged()))
        settled.append(told)
        return [_comma(getattr(told, name)) for name in STEPS]

    def _unlisted(self, charged):
        """Charges of groups without a listed event: what they come to is told all the same."""
        return [settle(0, one) for one in (charged or {}).values()]

    def _csv_total(self, settled):
        if not self.move:
            return []
        return [_comma(_sum(settled, name)) for name in STEPS]

    # --- PDF

    def pdf(self):
        """Bytes of the PDF, in the language of the subscriber."""
        document = self.env["bss.document"]
        today = self.move.invoice_date if self.move else polish_day.today()
        return document._bss_render_typst(TEMPLATE, self.content(), invoice_data.assets(self.company), today)

    def content(self):
        """What the template prints, as plain text."""
        say, account = self.say, self.account
        services, total, settled = self._services()
        sums = _pairs(say, total, settled if self.move else None)
        whole = self.count <= PDF_EVENTS
        notes = [
            "" if whole else say["too_many"] % {"count": format_quantity(Decimal(self.count))},
            say["masked"] if self.view.hides else "",
            say["unlisted"] if self.view.without_free else "",
            say["net"],
        ]
        references = [[say["account"], account.name]]
        if self.move:
            references.append([say["invoice"], self.move.name or ""])
        if self.services:
            references.append([say["service"], ", ".join(self.services.mapped("name"))])
        return {
            "lang": self.lang,
            "title": say["title"],
            "number": "",
            "place_date": ", ".join(filter(None, [self.company.city, format_date(polish_day.today())])),
            "seller": invoice_data.seller(self.company, self.lang),
            "recipient": invoice_data.recipient(account.partner_id, self.lang),
            "references": references,
            "words": say,
            "period": format_period(self.first, self.last),
            "services": services,
            "sums": sums,
            "notes": [note for note in notes if note],
        }

    def _services(self):
        charged, total, settled, services = self._charged_left(), Sums(), [], []
        for group in grouped(self.uses()):
            columns = self._columns(group)
            told = self._settled(charged, group.key, group.sums, settled) and settled[-1]
            if not services or services[-1]["id"] != group.service_id:
                services.append({"id": group.service_id, "name": group.service, "groups": []})
            services[-1]["groups"].append(self._group(group, columns, told))
            total += group.sums
        return services, total, settled + self._unlisted(charged)

    def _columns(self, group):
        """Texts of the group's columns, a line for each event: a few long texts are set much quicker than many short ones."""
        columns = defaultdict(list)
        for use in group.uses:
            if self.count > PDF_EVENTS:
                continue
            columns["day"].append(format_date(use.at.date()))
            columns["time"].append(use.at.strftime("%H:%M:%S"))
            columns["target"].append(self._target(use))
            columns["used"].append(_quantity(use.kind, use.units))
            columns["free"].append(_free(use.kind, use.free_units, use.free_e4))
            columns["amount"].append(format_amount(Decimal(use.amount_e4).scaleb(-4), 4))
        names = ("day", "time", "target", "used", "free", "amount")
        return ["\n".join(columns[name]) for name in names] if columns else []

    def _target(self, use):
        parts = [self.view.number(use.number), use.code[:CODE_SHOWN], use.network]
        return " · ".join(filter(None, [*parts, self.say["incoming"] if use.incoming else ""])) or "–"

    def _group(self, group, columns, told):
        say, sums = self.say, group.sums
        return {
            "name": f"{say['kind_' + group.kind]} – {group.zone or say['without_zone']}",
            "used_label": say["usage_" + group.kind],
            "columns": columns,
            "events": format_quantity(Decimal(sums.events)),
            "used": _quantity(group.kind, sums.units),
            "free": _free(group.kind, sums.free_units, sums.free_e4),
            "amount": format_amount(sums.amount, 4),
            "settled": _steps(say, [told]) if told else [],
        }


def _pairs(say, total, settled):
    steps = _steps(say, settled) if settled is not None else []
    return [[say["total"], format_amount(total.amount, 4)], *steps]


def _steps(say, settled):
    """From the sum of events to what the invoice charges, in words and amounts."""
    signs = {"rounding": 1, "elsewhere": -1, "later": -1}
    sums = {name: sign * _sum(settled, name) for name, sign in signs.items()}
    rows = [[say[name], format_amount(amount, 4)] for name, amount in sums.items() if amount]
    return [*rows, [say["charged"], format_amount(_sum(settled, "charged"))]]


def _sum(settled, name):
    return sum((getattr(one, name) for one in settled), Decimal(0))


def _quantity(kind, units):
    if kind in SECONDS:
        return format_duration(units)
    if kind in BYTES:
        return format_amount(Decimal(units) / 1_000_000, 3) + "\u00a0MB"
    return format_quantity(Decimal(units))


def _free(kind, units, free_e4):
    parts = [_quantity(kind, units) if units else "", format_amount(Decimal(free_e4).scaleb(-4), 4) if free_e4 else ""]
    return " + ".join(filter(None, parts)) or "–"


def _csv_sums(sums):
    return [sums.units, sums.free_units, _plain(sums.free_e4), _plain(sums.amount_e4)]


def _plain(amount_e4):
    return _comma(Decimal(amount_e4).scaleb(-4))


def _comma(value):
    return f"{value:.4f}".replace(".", ",")


def _safe(text):
    """A spreadsheet takes a text that begins like a formula for one."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text

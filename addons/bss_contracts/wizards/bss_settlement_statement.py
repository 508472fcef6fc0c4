import base64
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from ..document_core import format_date, format_nip, format_nrb
from ..page_core import statement_pdf
from ..report import invoice_data, pictures, settlement_letter, typst_engine
from ..settlement_core import Link, Movement, statement_of, words, write_workbook

# movements from which on a statement is drawn past the typesetter
LONG = 300
TEMPLATE = "bss_contracts/report/typst/settlement.typ"


class BssSettlementStatement(models.TransientModel):
    """A statement of settlements of one account or customer: on the screen, as PDF, as workbook, as issued document."""

    _name = "bss.settlement.statement"
    _description = "Statement of Settlements"

    kind = fields.Selection(
        [
            ("movements", "All movements of a period"),
            ("open", "Open items"),
            ("overdue", "Overdue items"),
            ("confirmation", "Balance confirmation"),
        ],
        string="Contents",
        required=True,
        default="movements",
    )
    account_id = fields.Many2one("bss.account", string="Billing Account")
    partner_id = fields.Many2one("res.partner", string="Customer")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(string="From", help="Earlier movements become the opening balance.")
    date_to = fields.Date(string="Until", help="Settlements of later days do not count. Empty: all that is booked.")
    opening = fields.Monetary(compute="_compute_sums", string="Opening Balance")
    debit = fields.Monetary(compute="_compute_sums", string="Debits")
    credit = fields.Monetary(compute="_compute_sums", string="Credits")
    closing = fields.Monetary(compute="_compute_sums", string="Closing Balance")
    overdue = fields.Monetary(compute="_compute_sums", string="Of Which Overdue")
    pdf_file = fields.Binary(compute="_compute_pdf_file")
    xlsx_file = fields.Binary(compute="_compute_xlsx_file")

    @api.constrains("kind", "account_id", "partner_id")
    def _check_whose(self):
        if any(not (one.account_id or one.partner_id) for one in self):
            raise UserError(self.env._("Choose the billing account or the customer of the statement."))

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        if any(one.date_from and one.date_to and one.date_from > one.date_to for one in self):
            raise UserError(self.env._("The period ends before it begins."))

    @api.depends("kind", "account_id", "partner_id", "company_id", "date_from", "date_to")
    def _compute_sums(self):
        for one in self:
            ready = one.account_id or one.partner_id
            result = one._bss_statement() if ready else None
            for name in ("opening", "debit", "credit", "closing", "overdue"):
                one[name] = float(getattr(result, name)) if result else 0.0

    # -- contents -------------------------------------------------------------------------------------

    def _bss_scope(self):
        """Keys of the context that name the movements; whole accounts of a customer when no account is chosen."""
        self.ensure_one()
        whole = {"settlement_partner_ids": self.partner_id.commercial_partner_id.ids}
        scope = {"settlement_account_ids": self.account_id.ids} if self.account_id else whole
        if self.kind == "movements" and self.date_from:
            scope["settlement_date_from"] = fields.Date.to_string(self.date_from)
        if self.date_to:
            scope["settlement_date_to"] = fields.Date.to_string(self.date_to)
        return scope

    def _bss_ledger(self):
        """The ledger of this statement; never of two companies, they have books of their own."""
        clear = dict.fromkeys(key for key in self.env.context if key.startswith("settlement_"))
        context = {**clear, **self._bss_scope(), "allowed_company_ids": self.company_id.ids}
        # the statement makes its opening balance itself, and knows what of it is late
        context.pop("settlement_date_from", None)
        return self.env["bss.settlement"].with_context(**context)

    def _bss_statement(self):
        """The ``settlement_core.Statement``; amounts in the currency of the company."""
        self.ensure_one()
        if not (self.company_id <= self.env.companies):
            raise UserError(self.env._("Choose a company you work in."))
        ledger = self._bss_ledger()
        rows = ledger._bss_rows()
        links = self._bss_links(ledger)
        accounts = self.env["bss.account"].browse({row["account_id"] for row in rows if row["account_id"]})
        names = {one.id: one.name for one in accounts}
        movements = [self._bss_movement(row, names, links) for row in rows]
        as_of = self.date_to or max([polish_day.today(), *(one.day for one in movements)])
        return statement_of(self.kind, self.date_from or None, as_of, movements)

    def _bss_links(self, ledger):
        """{id of a journal item: links}; documents of other accounts are not named."""
        links = {}
        for row in ledger.env["bss.settlement.link"]._bss_rows():
            number = "" if row["is_outside"] else row["other_number"]
            links.setdefault(row["line_id"], []).append(Link(number or "", row["date"], Decimal(row["amount"])))
        return links

    def _bss_movement(self, row, accounts, links):
        outside = row["kind"] == "transfer"
        return Movement(
            day=row["date"],
            kind=row["kind"],
            number="" if outside else row["number"] or "",
            issued=row["date_issue"],
            due=row["date_due"],
            debit=Decimal(row["debit"]),
            credit=Decimal(row["credit"]),
            balance=Decimal(row["balance"]),
            amount_open=Decimal(row["amount_open"]),
            overdue_days=row["overdue_days"],
            account=accounts.get(row["account_id"], ""),
            links=() if row["partial_id"] else tuple(links.get(row["line_id"], ())),
        )

    # -- files ----------------------------------------------------------------------------------------

    def _bss_customer(self):
        return self.account_id.partner_id or self.partner_id.commercial_partner_id

    def _bss_letter(self, number=""):
        """(title, PDF bytes) in the customer's language."""
        self.ensure_one()
        archive = self.env["bss.document"]
        customer, company = self._bss_customer().sudo(), self.company_id.sudo()
        lang = archive._bss_letter_language(customer)[0]
        statement = self._bss_statement()
        say = words(lang)
        references = [[say["account"], self.account_id.name]] if self.account_id else []
        if customer.commercial_partner_id.vat:
            references.append([say["vat"], format_nip(customer.commercial_partner_id.vat)])
        nrb = self.account_id._bss_payment_bank_account().get(self.account_id.id, "") if self.account_id else ""
        today = polish_day.today()
        data = {
            **settlement_letter.letter_content(statement, lang, company.currency_id.name, not self.account_id),
            "lang": lang,
            "number": number,
            "place_date": ", ".join(filter(None, [company.city, format_date(today)])),
            "seller": invoice_data.seller(company, lang),
            "recipient": invoice_data.recipient(customer, lang),
            "references": references,
            "nrb": format_nrb(nrb) if statement.closing > 0 else "",
        }
        assets = invoice_data.assets(company)
        pdf = self._bss_long_letter(data, assets, today) or archive._bss_render_typst(TEMPLATE, data, assets, today)
        return data["title"], pdf

    @staticmethod
    def _bss_long_letter(data, assets, day):
        """PDF bytes of a list of hundreds of movements, which the typesetter would lay out for seconds; else None."""
        logo = next(map(pictures.picture, assets.values()), None)
        if len(data["rows"]) < LONG or (assets and not logo):
            return None
        return statement_pdf(data, typst_engine.labels()[data["lang"]], typst_engine.FONTS, day, logo)

    def _bss_workbook(self):
        self.ensure_one()
        lang = "pl" if (self.env.lang or "").startswith("pl") else "en"
        say = words(lang)
        head = [(say["customer"], self._bss_customer().name or "")]
        if self.account_id:
            head.append((say["account"], self.account_id.name))
        return write_workbook(self._bss_statement(), lang, head, self.currency_id.name)

    def _compute_pdf_file(self):
        for one in self:
            one.pdf_file = base64.b64encode(one._bss_letter()[1])

    def _compute_xlsx_file(self):
        for one in self:
            one.xlsx_file = base64.b64encode(one._bss_workbook())

    def _bss_file_name(self, extension):
        whose = self.account_id.name or self.partner_id.display_name
        day = self.date_to or polish_day.today()
        return f"{self.kind}-{whose}-{fields.Date.to_string(day)}.{extension}".replace("/", "-").replace(" ", "_")

    # -- actions --------------------------------------------------------------------------------------

    def action_show(self):
        """The ledger of the period on the screen."""
        self.ensure_one()
        context = self._bss_scope()
        if self.kind != "movements":
            context["search_default_overdue" if self.kind == "overdue" else "search_default_open"] = 1
        return self.env["bss.settlement"]._bss_open(self.account_id or self.partner_id.commercial_partner_id, **context)

    def action_pdf(self):
        self.ensure_one()
        name = self._bss_file_name("pdf")
        url = f"/web/content/{self._name}/{self.id}/pdf_file/{name}"
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

    def action_xlsx(self):
        self.ensure_one()
        name = self._bss_file_name("xlsx")
        url = f"/web/content/{self._name}/{self.id}/xlsx_file/{name}?download=true"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def action_issue(self):
        """Issue the statement: numbered, archived with its hash, waiting to be sent in the account's way."""
        self.ensure_one()
        self.env["bss.document"].check_access("write")
        account = self.account_id or self._bss_only_account()
        sequence = self.env["ir.sequence"].sudo().with_company(self.company_id)
        number = sequence.next_by_code("bss.settlement.statement", sequence_date=polish_day.today())
        title, pdf = self._bss_letter(number)
        document = (
            self.env["bss.document"]
            .with_company(self.company_id)
            ._bss_archive("other", number, pdf, account, account, account.delivery_method or "none")
        )
        document.sudo()._message_log(body=title)
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.document",
            "res_id": document.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _bss_only_account(self):
        """The account in whose name a statement of the whole customer is archived: his oldest one in use."""
        customer = self.partner_id.commercial_partner_id
        accounts = self.env["bss.account"].search(
            [("partner_id", "child_of", customer.ids), ("company_id", "=", self.company_id.id)],
            order="state, id",
            limit=1,
        )
        if not accounts:
            raise UserError(self.env._("%(name)s has no billing account in this company.", name=customer.display_name))
        return accounts

from odoo import api, fields, models
from odoo.addons.base.models.ir_qweb import QWebError
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools.misc import file_path

from ..document_core import (
    decimal_from_float,
    format_date,
    format_money,
    format_nrb,
    format_quantity,
    html_nodes,
    take_title,
)
from ..report import invoice_data, typst_engine

LETTER = "bss_contracts/report/typst/letter_document.typ"
LETTER_KINDS = [
    ("offer", "Offer"),
    ("contract", "Contract"),
    ("annex", "Annex"),
    ("assignment", "Assignment"),
    ("termination", "Termination"),
    ("deposit_note", "Deposit note"),
]


class BssDocument(models.Model):
    _inherit = "bss.document"  # pylint: disable=consider-merging-classes-inherited

    kind = fields.Selection(selection_add=LETTER_KINDS, ondelete={code: "set default" for code, _label in LETTER_KINDS})

    @api.model
    def _bss_letter_pdf(self, template_xmlid, kind, name, partner, company, values=None, issued_on=None):
        """PDF bytes of an ordinary QWeb template, in the customer's language.

        The HTML goes through ``document_core.html`` into the letter frame and ``typst`` sets it: Odoo's own printing
        needs wkhtmltopdf, which Debian ships without the patches for headers and page numbers and which loads its
        styles over HTTP; so a bare Debian prints contracts with nothing but this addon's Python packages.
        A heading of level 1 at the top of the template is the title of the document.

        :param values: names for the template besides ``company``, ``customer``, ``seller``, ``buyer``,
            ``is_consumer``, ``number``, ``issued_on`` and the functions ``money``, ``day``, ``amount``, ``nrb``
        """
        issued_on = issued_on or polish_day.today()
        lang, code = self._bss_letter_language(partner)
        env = self.with_context(lang=code).env
        names = {
            "company": company.with_env(env),
            "customer": partner.with_env(env),
            "seller": invoice_data.seller(company, lang),
            "buyer": invoice_data.buyer(partner.commercial_partner_id, lang),
            "is_consumer": partner.commercial_partner_id.bss_customer_kind == "consumer",
            "number": name,
            "issued_on": issued_on,
            "money": lambda value: format_money(decimal_from_float(float(value)), company.currency_id.name),
            "amount": lambda value: format_quantity(decimal_from_float(float(value), 6)),
            "day": format_date,
            "nrb": format_nrb,
            **(values or {}),
        }
        try:
            html = env["ir.qweb"]._render(template_xmlid, names)
        except (QWebError, ValueError) as error:
            raise UserError(
                self.env._(
                    "The template %(template)s cannot be printed: %(error)s", template=template_xmlid, error=error
                )
            ) from error
        title, blocks = take_title(html_nodes(str(html)))
        kinds = dict(self._fields["kind"]._description_selection(env))
        data = {
            "lang": lang,
            "title": title or kinds[kind],
            "number": name,
            "place_date": f"{company.city}, {format_date(issued_on)}" if company.city else format_date(issued_on),
            "seller": names["seller"],
            "recipient": invoice_data.recipient(partner, lang),
            "references": [],
            "blocks": blocks,
        }
        template = file_path(LETTER, filter_ext=(".typ",))
        return typst_engine.render(template, data, invoice_data.assets(company), issued_on)

    @api.model
    def _bss_letter_language(self, partner):
        """(language of the frame, code of the language of the template): the customer's, as far as it is installed."""
        lang = invoice_data.language(partner.commercial_partner_id)
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        wanted = "pl_PL" if lang == "pl" else partner.lang
        return lang, next((code for code in (wanted, "en_US") if code in installed), self.env.lang or "en_US")

    @api.model
    def _bss_issue_letter(self, template_xmlid, kind, name, record, account, values=None, partner=None):
        """Print and archive a letter about ``record``; ``account`` may be empty for someone who is no customer yet."""
        company = account.company_id or record.company_id
        partner = partner or account.partner_id
        pdf = self._bss_letter_pdf(template_xmlid, kind, name, partner, company, values)
        archive = self.with_company(company)
        return archive._bss_archive(kind, name, pdf, record, account, account.delivery_method or "none")

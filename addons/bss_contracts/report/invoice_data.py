"""Parts of documents that come from single records: the seller, a letter's addressee, the logo."""

import base64

from odoo.tools.mimetypes import guess_mimetype

from ..document_core import Party, document_language, format_nip, invoice

LOGO_TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg", "image/webp": "webp", "image/gif": "gif"}
LANGUAGE_CODES = {"pl": "pl_PL", "en": "en_US"}


def language(partner):
    """Language of the document of a customer."""
    return document_language(partner.country_id.code or "", partner.lang or "")


def seller(company, lang):
    found = party(company.partner_id, lang)
    return {
        **found.address(),
        "name": company.name or "",
        "country": "",
        "vat": format_nip(company.vat or ""),
        "regon": company.company_registry or "",
        "email": company.email or "",
        "phone": company.phone or "",
        "website": (company.website or "").removeprefix("https://").removeprefix("http://").rstrip("/"),
        "color": company.primary_color or "",
        "logo": logo_name(company),
    }


def logo_name(company):
    if not company.logo or company.uses_default_logo:
        return ""
    extension = LOGO_TYPES.get(guess_mimetype(base64.b64decode(company.logo)))
    return f"logo.{extension}" if extension else ""


def assets(company):
    """Files beside the template: the logo, when the company has its own."""
    name = logo_name(company)
    return {name: base64.b64decode(company.logo)} if name else {}


def party(partner, lang):
    abroad = partner.country_id and partner.country_id.code != "PL"
    return Party(
        name=partner.name or "",
        street=partner.street or "",
        street2=partner.street2 or "",
        zip=partner.zip or "",
        city=partner.city or "",
        # in the language of the document, not of whoever prints it
        country=(partner.country_id.with_context(lang=LANGUAGE_CODES[lang]).name or "") if abroad else "",
        vat=partner.vat or "",
    )


def recipient(partner, lang):
    """Whom the envelope names: the contact below its company."""
    head = party(partner.commercial_partner_id, lang)
    own = head if partner == partner.commercial_partner_id else party(partner, lang)
    return invoice.recipient(own, head)


def buyer(partner, lang):
    return invoice.buyer(party(partner, lang))

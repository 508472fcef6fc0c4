"""What an e-invoice says of billing accounts, as plain values: any addon that writes e-invoices asks for it here."""

from decimal import Decimal

from odoo import models

from ..report import einvoice_queries


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _bss_einvoice_facts(self, details=False, settlement=False, usage=False):
        """{move id: facts} of the invoices of billing accounts among ``self``, in a few statements for all of them.

        account: number of the billing account; payment_way: see ``bss.account``; bank_account: NRB or "";
        contracts: [(number, date signed or None)]; correction: plain values of a correction of a bill run (see
        ``bss.invoice.correction._bss_facts``), only where there is one.

        :param details: adds ``lines``, {move line id: [(what, value)]}: number and place of the service
        :param settlement: adds ``charges`` and ``deductions``, [(Decimal, reason)] outside VAT as the document prints them
        :param usage: adds ``usage``: [{"service", "identifier", "rows": [(zone, events, seconds, net as Decimal)]}]
        """
        moves = self.sudo()
        moves.env.flush_all()
        heads = einvoice_queries.heads(moves.env, moves.ids)
        if not heads:
            return {}
        accounts = moves.env["bss.account"].browse({head.account_id for head in heads})
        numbers = accounts._bss_payment_bank_account()
        found = {
            head.id: {
                "account": head.account,
                "payment_way": head.payment_way,
                "bank_account": numbers.get(head.account_id) or "",
                "contracts": [],
            }
            for head in heads
        }
        for move_id, name, signed in einvoice_queries.contracts(moves.env, list(found)):
            found[move_id]["contracts"].append((name, signed))
        # together, so that what one of them reads is read for all
        corrections = moves.env["bss.invoice.correction"].browse({head.correction_id for head in heads} - {None})
        corrected = {correction.id: correction._bss_facts() for correction in corrections}
        for head in heads:
            if head.correction_id:
                found[head.id]["correction"] = corrected[head.correction_id]
        if details:
            _add_details(moves.env, found)
        if settlement:
            _add_settlement(moves.env, found)
        if usage:
            _add_usage(moves.env, found)
        return found


def _add_details(env, found):
    for move_id, line_id, identifier, is_number, place in einvoice_queries.line_details(env, list(found)):
        notes = []
        if identifier:
            notes.append(("Numer telefonu" if is_number else "Identyfikator usługi", identifier))
        if place:
            notes.append(("Lokalizacja", place))
        if notes:
            found[move_id].setdefault("lines", {})[line_id] = notes


def _add_settlement(env, found):
    for move_id, overdue, overpaid in einvoice_queries.settlements(env, list(found)):
        if overdue:
            found[move_id]["charges"] = [(Decimal(overdue), "Zaległość z poprzednich okresów")]
        if overpaid:
            found[move_id]["deductions"] = [(Decimal(overpaid), "Nadpłata z poprzednich okresów")]


def _add_usage(env, found):
    services = {}
    for row in einvoice_queries.usage(env, list(found)):
        key = row.move_id, row.service_id
        if key not in services:
            services[key] = {"service": row.service, "identifier": row.identifier, "rows": []}
            found[row.move_id].setdefault("usage", []).append(services[key])
        services[key]["rows"].append((row.zone, row.events, row.seconds, Decimal(row.net)))

from odoo import api, fields, models

from ..price_sides import PriceSides

CONTRACT_TEMPLATE = "bss_contracts.document_contract"


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    document_count = fields.Integer(compute="_compute_document_count", string="Number of Documents")
    notice_text = fields.Char(string="Notice", compute="_compute_notice_text", help="The agreed notice in words.")

    @api.depends("notice_months", "notice_days", "notice_rule")
    @api.depends_context("lang")
    def _compute_notice_text(self):
        rules = dict(self._fields["notice_rule"]._description_selection(self.env))
        for contract in self:
            months, days, rule = contract.notice_months, contract.notice_days, rules.get(contract.notice_rule, "")
            parts = []
            if months or not days:
                parts.append(self.env._("1 month") if months == 1 else self.env._("%(count)s months", count=months))
            if days:
                parts.append(self.env._("1 day") if days == 1 else self.env._("%(count)s days", count=days))
            contract.notice_text = f"{' '.join(parts)}, {rule[:1].lower()}{rule[1:]}"

    @api.depends_context("uid")
    def _compute_document_count(self):
        counts = dict(
            self.env["bss.document"]._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"]
            )
        )
        for contract in self:
            contract.document_count = counts.get(contract.id, 0)

    def _bss_render_document(self, template_xmlid, kind, name, record=None):
        """Print ``template_xmlid`` for this contract in the customer's language and archive the PDF.

        :param kind: kind of ``bss.document``: contract, annex, assignment, termination, offer …
        :param name: number of the document
        :param record: what the document is about (a change of the contract); the contract by default. The template
            gets it as ``record``, besides ``contract`` and what ``_bss_document_values`` gives
        :return: the archived ``bss.document``
        """
        self.ensure_one()
        self.check_access("write")
        record = self if record is None else record
        documents = self.env["bss.document"]
        _lang, code = documents._bss_letter_language(self.partner_id)
        contract = self.with_context(lang=code)
        values = {**contract._bss_document_values(), "contract": contract, "record": record.with_context(lang=code)}
        return documents._bss_issue_letter(template_xmlid, kind, name, record, self.account_id, values)

    def _bss_document_values(self):
        """What templates about a contract may say besides the contract itself, in the language of the context."""
        self.ensure_one()
        services = self._bss_document_services()
        return {
            "account": self.account_id.with_env(self.env),
            "services": services,
            "acceptance": self.sale_order_id.sudo()._bss_acceptance(),
            "prices": [*(service._bss_price_row() for service in services), *self._bss_fee_rows(services)],
            "relief": self._bss_printed_relief(services),
            "deposits": self.deposit_ids.filtered(lambda deposit: deposit.state not in ("cancelled", "moved", "draft")),
        }

    def _bss_printed_relief(self, services):
        """The relief as the customer is told of it: a consumer with the VAT that its claw-back would carry."""
        parts = services._bss_relief_at_signing()
        if not parts or self.partner_id.commercial_partner_id.bss_customer_kind != "consumer":
            return parts
        sides, product = (
            PriceSides(self.env, self.company_id, self.partner_id),
            self.company_id._bss_claw_back_product(),
        )
        gross = sum(sides.both(product, part["amount"], part["is_gross"])[1] for part in parts)
        return [{"amount": gross, "is_gross": True}]

    def _bss_fee_rows(self, services):
        """One-off payments of the accepted offer; without an offer the activation fees of the services."""
        order = self.sale_order_id.sudo().with_env(self.env(su=True))
        if order:
            lines = order.order_line.filtered(lambda line: line.product_id.bss_offering_kind in ("one_off", "device"))
            return [line._bss_price_row() for line in lines]
        rows, sides = [], PriceSides(self.env, self.company_id, self.partner_id)
        for fee in services.product_id.bss_activation_product_id:
            price, kind = fee._bss_price_on(self.date_start)
            quantity = len(services.filtered(lambda one, fee=fee: one.product_id.bss_activation_product_id == fee))
            row = {
                "name": fee.name,
                "bundle": "",
                "quantity": quantity,
                "list_price": price,
                "is_gross": kind == "gross",
                "promotions": [],
                "recurring": False,
                "runs": [{"months": "", "price": price * quantity}],
            }
            rows.append(sides.row(row, fee))
        return rows

    def _bss_document_services(self):
        """Services that the contract promises: bundles by their parts."""
        running = self.service_ids.filtered(lambda service: service.state != "terminated")
        return running._bss_without_heads()

    def action_print_contract(self):
        """Archive the contract as it stands and open the PDF."""
        self.ensure_one()
        return self._bss_render_document(CONTRACT_TEMPLATE, "contract", self.name).action_open()

    def action_view_documents(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.action_bss_document")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

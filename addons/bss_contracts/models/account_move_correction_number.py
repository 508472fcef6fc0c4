"""Numbers and name of corrective invoices: falling ones are Odoo's credit notes, rising ones are invoices."""

from odoo import api, fields, models

REFUNDS = "AND move_type IN ('out_refund', 'in_refund')"
OTHERS = "AND move_type NOT IN ('out_refund', 'in_refund')"
CORRECTIONS = "AND (move_type IN ('out_refund', 'in_refund') OR bss_correction_series)"
NO_CORRECTIONS = "AND move_type NOT IN ('out_refund', 'in_refund') AND bss_correction_series IS NOT TRUE"


class AccountJournal(models.Model):
    _inherit = "account.journal"

    bss_one_correction_series = fields.Boolean(
        string="One Series for All Corrections",
        default=True,
        help="Corrective invoices that raise an amount take their numbers from the sequence of credit notes, like those "
        "that lower it. Otherwise they are numbered among the invoices.",
    )


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    bss_correction_series = fields.Boolean(
        string="Numbered as a Correction",
        readonly=True,
        copy=False,
        help="A rising corrective invoice with a number of the credit notes' sequence. Kept, so that the setting of the "
        "journal can change without mixing two sequences.",
    )

    bss_is_corrective = fields.Boolean(
        string="Corrective Invoice",
        compute="_compute_bss_is_corrective",
        help="A corrective invoice in the sense of the VAT act: a credit note of a Polish company, or a rising correction.",
    )

    @api.model
    def _bss_correction_number_vals(self, journal):
        """Values of a rising corrective invoice in the journal."""
        return {"bss_correction_series": journal.refund_sequence and journal.bss_one_correction_series}

    def _get_last_sequence_domain(self, relaxed=False):
        """Odoo tells the two sequences of a journal apart by the type of the move; a rising correction is an invoice."""
        if self.bss_correction_series:
            # asked as a credit note of the same journal, day and id
            twin = self.new({"move_type": "out_refund", "bss_correction_series": False}, origin=self)
            return twin._get_last_sequence_domain(relaxed=relaxed)
        where, params = super()._get_last_sequence_domain(relaxed=relaxed)
        return where.replace(REFUNDS, CORRECTIONS).replace(OTHERS, NO_CORRECTIONS), params

    def _get_starting_sequence(self):
        start = super()._get_starting_sequence()
        return f"R{start}" if self.bss_correction_series else start

    @api.depends("country_code", "bss_correction_id")
    def _compute_type_name(self):  # pylint: disable=missing-return
        super()._compute_type_name()
        for move in self.filtered("bss_is_corrective"):
            move.type_name = self.env._("Corrective Invoice")

    @api.depends("country_code", "move_type", "bss_correction_id")
    def _compute_bss_is_corrective(self):
        for move in self:
            credit_note = move.move_type == "out_refund" and move.country_code == "PL"
            move.bss_is_corrective = credit_note or bool(move.sudo().bss_correction_id)

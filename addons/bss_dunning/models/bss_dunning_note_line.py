from odoo import fields, models


class BssDunningNoteLine(models.Model):
    """One document on a note. The database itself refuses to charge a day, or a compensation, twice."""

    _name = "bss.dunning.note.line"
    _description = "Document on a Note"
    _order = "note_id, date_due, id"
    _rec_name = "document"

    note_id = fields.Many2one(
        "bss.dunning.note", string="Interest or Compensation Note", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(related="note_id.kind", store=True, precompute=True)
    state = fields.Selection(related="note_id.state", store=True, precompute=True)
    company_id = fields.Many2one(related="note_id.company_id", store=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", string="Receivable", required=True, index=True, ondelete="restrict"
    )
    document = fields.Char(required=True)
    value = fields.Monetary(string="Document Amount", help="Of the whole document, corrections taken off.")
    residual = fields.Monetary(string="Open", help="Left of the document when the note was made.")
    date_due = fields.Date(string="Due")
    date_paid = fields.Date(string="Paid", help="Day of the last payment; empty while something is open.")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    days = fields.Integer(aggregator=None)
    amount_eur = fields.Float(string="EUR", digits=(16, 2), aggregator=None)
    mid_rate = fields.Float(string="NBP Rate", digits=(12, 4), aggregator=None)
    rate_day = fields.Date(string="Day of the Rate")
    amount = fields.Monetary()
    explanation = fields.Text(string="Calculation")
    segment_ids = fields.One2many("bss.dunning.note.segment", "line_id", string="Segments")

    _interest_once = models.Constraint(
        "EXCLUDE USING gist (int4range(move_line_id, move_line_id, '[]') WITH &&,"
        " daterange(date_from, date_to, '[]') WITH &&) WHERE (state = 'issued' AND kind = 'interest')",
        "Interest for some of these days is charged already.",
    )
    _compensation_once = models.UniqueIndex(
        "(move_line_id) WHERE state = 'issued' AND kind = 'compensation'",
        "Compensation for this document is charged already.",
    )


class BssDunningNoteSegment(models.Model):
    _name = "bss.dunning.note.segment"
    _description = "Rate Segment of a Note"
    _order = "line_id, date_start, id"
    _rec_name = "date_start"

    line_id = fields.Many2one("bss.dunning.note.line", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="line_id.company_id", store=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", required=True)
    days = fields.Integer(required=True, aggregator=None)
    principal = fields.Monetary(required=True)
    percent = fields.Float(string="Rate (%)", digits=(9, 4), required=True, aggregator=None)
    divisor = fields.Integer(required=True, aggregator=None)
    basis = fields.Char(help="Why the rate is not the statutory one.")
    interest = fields.Float(string="Interest (exact)", digits=(16, 4), required=True)

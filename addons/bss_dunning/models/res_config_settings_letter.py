from odoo import fields, models


class ResConfigSettingsLetter(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_letter_window = fields.Selection(related="company_id.bss_letter_window", readonly=False, required=True)
    bss_letter_window_x = fields.Integer(related="company_id.bss_letter_window_x", readonly=False)
    bss_letter_window_y = fields.Integer(related="company_id.bss_letter_window_y", readonly=False)
    bss_letter_window_width = fields.Integer(related="company_id.bss_letter_window_width", readonly=False)
    bss_letter_window_height = fields.Integer(related="company_id.bss_letter_window_height", readonly=False)
    bss_letter_compensation = fields.Boolean(related="company_id.bss_letter_compensation", readonly=False)
    bss_print_duplex = fields.Boolean(related="company_id.bss_print_duplex", readonly=False)
    bss_print_envelope = fields.Selection(related="company_id.bss_print_envelope", readonly=False, required=True)
    bss_print_inserts = fields.Char(related="company_id.bss_print_inserts", readonly=False)
    bss_print_part_size = fields.Integer(related="company_id.bss_print_part_size", readonly=False)

from odoo import fields, models


class BssUsageFile(models.Model):
    """What header, trailer and name of a file say, beside each other."""

    _inherit = "bss.usage.file"  # pylint: disable=consider-merging-classes-inherited

    warnings = fields.Text(readonly=True, copy=False, help="What the file says of itself that did not refuse it.")

    def _bss_odd_name(self, control):
        """Where the name contradicts the header: a person must decide. False when they agree or one of them says nothing."""
        parts = self.source_id._bss_name_parts(self.name)
        number = parts.sequence if parts else self.source_id._bss_sequence_of_name(self.name)
        if number is not None and control.sequence is not None and number != control.sequence:
            return self.env._(
                "The name says number %(name)s, the header %(header)s.", name=number, header=control.sequence
            )
        if not parts:
            return False
        if parts.is_test:
            return self.env._("By its name this is a test file, by its header it is not.")
        for said, written in ((parts.sender, control.sender), (parts.recipient, control.recipient)):
            if written and said != written.upper():
                return self.env._("The name says %(name)s, the header %(header)s.", name=said, header=written)
        return False

    def _bss_warnings(self, control):
        texts = {
            "LOST_RECORDS": self.env._("The sender lost records before they were written (indicator %(indicator)s)."),
            "ABNORMAL_CLOSURE": self.env._("The sender closed the file abnormally (reason %(reason)s)."),
        }
        return "\n".join(texts[warning.code] % warning.params for warning in control.warnings) or False

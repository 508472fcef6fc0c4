"""Words for what may be missing between files, and for what a file is refused for."""

from odoo import api, models


class BssBankImportProblemTexts(models.Model):
    _inherit = "bss.bank.import.problem"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_messages(self):
        return {
            **super()._bss_messages(),
            **self._bss_messages_of_import(),
        }

    @api.model
    def _bss_messages_of_import(self):
        _ = self.env._
        return {
            "FORMAT_UNKNOWN": _(
                "This is no bank statement that can be recognised: neither MT940, camt nor a known report."
            ),
            "ENCODING_UNKNOWN": _("The code page %(value)s of the bank journal is unknown; it was recognised instead."),
            "VALUE_DATE_ADJUSTED": _("Value date “%(value)s” does not exist; the last day of the month was taken."),
            "MORE_LINES_OUT_OF_PLACE": _("More lines are out of place; they are not listed."),
            "MORE_PROBLEMS": _("%(value)s more problems were found and are not listed."),
            "OUT_OF_ORDER": _("Statement %(value)s came after statement %(after)s had been imported."),
            "PAGE_MISSING": _(
                "Page %(page)s of statement %(number)s is missing: page %(value)s follows page %(before)s."
            ),
            "FIRST_PAGE_MISSING": _(
                "Statement %(number)s begins with page %(value)s: the pages before it are missing."
            ),
            "LAST_PAGE_MISSING": _(
                "Statement %(number)s ended with an intermediate balance: page %(page)s is missing."
            ),
            "PAGE_AWAITED": _("Statement %(number)s goes on on page %(page)s, which has not come yet."),
            "GAP_BLOCKS": _(
                "The file is held back until what is missing before it has come; the bank journal is set so."
            ),
            "SUM_AWAITED": _(
                "The report of %(day)s adds up to %(value)s; it waits for the statement with this credit."
            ),
            "SUM_NOT_FOUND": _(
                "No credit of %(value)s stands on the statement of %(day)s: nothing of the report was booked."
            ),
            "SUM_DIFFERS": _(
                "The report of %(day)s adds up to %(value)s, the statement shows %(found)s; difference %(difference)s."
                " Nothing of the report was booked."
            ),
            "SUM_AMBIGUOUS": _(
                "Several credits or reports of %(value)s around %(day)s: which belongs to which is for a person to say."
            ),
            "MEMBER_REFUSED": _("A file of the archive was not taken: %(value)s"),
            "PAYER_NUMBER_LENGTH": _("The payer's number “%(value)s” is too long for the prefix of the pool."),
            "REPORT_UNCONFIRMED": _("%(value)s of %(count)s payments of the report stand on no statement yet."),
        }

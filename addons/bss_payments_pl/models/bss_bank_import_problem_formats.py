from odoo import api, models


class BssBankImportProblemFormats(models.Model):
    _inherit = "bss.bank.import.problem"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_messages(self):
        """Texts of what camt messages, reports of mass payments and packed files may be found guilty of."""
        return {
            **super()._bss_messages(),
            **self._bss_camt_messages(),
            **self._bss_report_messages(),
            **self._bss_profile_messages(),
            **self._bss_container_messages(),
        }

    @api.model
    def _bss_camt_messages(self):
        return {
            "NOT_CAMT": self.env._("This XML file is not a camt.052, camt.053 or camt.054 message."),
            "STATEMENT_MISSING": self.env._("The message holds no statement."),
            "XML_BROKEN": self.env._("The XML breaks off or is damaged here: %(reason)s."),
            "XML_DOCTYPE": self.env._("The file declares a document type. Bank files never do: it was refused."),
            "XML_TAG_TOO_LONG": self.env._(
                "One XML tag or comment is longer than %(limit)s bytes: the file was refused."
            ),
            "XML_TOO_DEEP": self.env._("XML elements are nested deeper than %(limit)s levels: the file was refused."),
            "XML_TOO_MANY_NAMES": self.env._("The XML uses more than %(limit)s different names: the file was refused."),
            "AMOUNT_DECIMALS": self.env._(
                "The amount “%(value)s” has smaller parts than the currency: nothing was rounded."
            ),
            "DATE_UNREADABLE": self.env._("The date cannot be read: “%(value)s”."),
            "CURRENCY_UNREADABLE": self.env._("The currency cannot be read: “%(value)s”."),
            "DETAILS_SUM": self.env._(
                "The entry of %(amount)s has %(count)s details of %(sum)s in total: it stays one payment."
            ),
            "BATCH_WITHOUT_DETAILS": self.env._("The bank put %(count)s payments together and sent no details."),
            "VALUE_TWICE": self.env._(
                "The entry holds this value twice (%(value)s), and nobody can say which one counts: it was not read."
            ),
            "ENTRY_NOT_BOOKED": self.env._(
                "An entry of %(amount)s %(currency)s is not booked yet (%(status)s): left out."
            ),
            "ENTRY_IS_BATCH": self.env._("The entry holds %(count)s payments; correct them one by one."),
            "DATE_MISSING": self.env._("The entry has no date; the day of the statement was taken."),
            "TEXT_CUT": self.env._("A text is too long; the rest was left out."),
        }

    @api.model
    def _bss_report_messages(self):
        return {
            "PROFILE_UNKNOWN": self.env._(
                "The layout of this report is not known: choose one on the bank journal, or make one from this file."
            ),
            "REPORT_COUNT": self.env._(
                "The file announces %(expected)s payments and holds %(value)s: it was refused as a whole."
            ),
            "REPORT_SUM": self.env._(
                "The file announces a sum of %(expected)s and its payments give %(value)s: it was refused as a whole."
            ),
            "REPORT_TRAILER_MISSING": self.env._(
                "The closing row %(record)s is missing: the file is cut and was refused."
            ),
            "REPORT_HEADER_MISSING": self.env._("The opening row %(record)s is missing: the file was refused."),
            "REPORT_EMPTY": self.env._("The report holds no payments."),
            "COUNT_UNREADABLE": self.env._("The number of payments cannot be read: “%(value)s”."),
            "COLUMN_MISSING": self.env._("The row has no column %(value)s."),
            "ROW_OTHER": self.env._("A row of type “%(value)s” is not known to the layout and was left out."),
            "ROW_QUOTES": self.env._("A quotation mark is not closed: “%(value)s”."),
            "ROW_TOO_LONG": self.env._("The row is too long for a payment: “%(value)s”."),
        }

    @api.model
    def _bss_profile_messages(self):
        return {
            "PROFILE_COLUMN_MISSING": self.env._("Say in which column it stands."),
            "PROFILE_COLUMN_TWICE": self.env._("It can stand in one column only."),
            "PROFILE_FIELD_UNKNOWN": self.env._("“%(value)s” is not a content of a column."),
            "PROFILE_COLUMN_NUMBER": self.env._("Columns are counted from 1, not “%(value)s”."),
            "PROFILE_COLUMN_WIDTH": self.env._("With fixed width each column needs a width."),
            "PROFILE_SEPARATOR": self.env._("The separator must be one character: “%(value)s”."),
            "PROFILE_QUOTE": self.env._("The quotation mark must differ from the separator: “%(value)s”."),
            "PROFILE_DATE_FORMAT": self.env._("The date format needs year, month and day once each: “%(value)s”."),
            "PROFILE_RECORD_TYPES": self.env._("Each type of row may be named once only: %(value)s."),
            "PROFILE_ENCODING": self.env._("Code page “%(value)s” is not known."),
        }

    @api.model
    def _bss_container_messages(self):
        return {
            "CONTAINER_BROKEN": self.env._("The packed file is damaged or cut."),
            "CONTAINER_ENCRYPTED": self.env._("The packed file is protected by a password: unpack it first."),
            "CONTAINER_METHOD": self.env._("The file is packed in an unusual way: unpack it first."),
            "CONTAINER_NESTED": self.env._("A packed file inside a packed file is not opened: unpack it first."),
            "CONTAINER_TOO_LARGE": self.env._("More than %(limit)s MB come out of the packed file: it was refused."),
            "CONTAINER_BOMB": self.env._(
                "More than %(ratio)s times its size comes out of the packed file: it was refused."
            ),
            "CONTAINER_MEMBERS": self.env._("The packed file holds more than %(limit)s files: it was refused."),
            "CONTAINER_EMPTY": self.env._("The packed file holds no files."),
        }

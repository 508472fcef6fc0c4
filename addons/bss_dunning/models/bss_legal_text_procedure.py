"""Sentences for the calculations of the law kernel: service blocks, complaints, debt registers, VAT."""

from odoo import models


class BssLegalTextProcedure(models.AbstractModel):
    _inherit = "bss.legal.text"  # pylint: disable=consider-merging-classes-inherited

    def _bss_labels(self):
        return super()._bss_labels() | {
            ("notice", "n1"): self.env._("Notice of restriction"),
            ("notice", "n2"): self.env._("Notice of suspension"),
            ("notice", "n3"): self.env._("Notice of termination"),
            ("notice", "persistent"): self.env._("Single notice to a persistent late payer"),
            ("since", "restricted"): self.env._("Restricted"),
            ("since", "unfit"): self.env._("Restriction not possible"),
            ("since", "suspended"): self.env._("Suspended"),
            ("since", "complaint"): self.env._("Complaint exhausted"),
            ("form", "registered_letter"): self.env._("registered letter"),
            ("form", "by_hand"): self.env._("handed over"),
            ("form", "email"): self.env._("e-mail"),
            ("form", "other"): self.env._("another way"),
        }

    def _bss_texts(self):
        return {
            **super()._bss_texts(),
            **self._bss_texts_chain(),
            **self._bss_texts_complaint(),
            **self._bss_texts_alarms(),
            **self._bss_texts_register(),
            **self._bss_texts_register_items(),
            **self._bss_texts_vat(),
            **self._bss_texts_income(),
        }

    def _bss_texts_chain(self):
        return {
            "CHAIN_PAYMENT_TERM": self.env._(
                "%(notice)s delivered on %(delivered)s: %(days)s days to pay, the last one is %(last)s."
            ),
            "CHAIN_WAIT": self.env._("%(since)s on %(start)s: %(days)s days have to pass, the last one is %(last)s."),
            "RESUME_FEE_ABOVE_COST": self.env._(
                "The fee for resumption of %(fee)s PLN is above its real cost of %(cost)s PLN."
            ),
        }

    def _bss_texts_complaint(self):
        return {
            "COMPLAINT_LODGED": self.env._("Lodged on %(day)s: the answer must be sent by %(answer_by)s."),
            "COMPLAINT_NOT_CONSIDERED": self.env._(
                "Lodged on %(day)s, too late for %(basis)s: it is not considered and the customer is told so."
            ),
            "COMPLAINT_ACCEPTED": self.env._("Accepted on %(day)s."),
            "COMPLAINT_PARTLY": self.env._("Partly accepted on %(day)s."),
            "COMPLAINT_REJECTED": self.env._("Rejected on %(day)s."),
            "COMPLAINT_DEEMED_ACCEPTED": self.env._("No answer was sent by %(answer_by)s: deemed accepted."),
            "COMPLAINT_PAY_BY": self.env._("What was granted must be paid by %(day)s."),
            "COMPLAINT_EXHAUSTED": self.env._("The complaint path is exhausted since %(day)s."),
        }

    def _bss_texts_alarms(self):
        return {
            "COMPLAINT_CONFIRM": self.env._("Confirm the receipt of the complaint by %(day)s."),
            "COMPLAINT_ANSWER": self.env._("Send the answer to the complaint by %(day)s."),
            "COMPLAINT_PAY": self.env._("Pay what the complaint was granted by %(day)s."),
            "COMPLAINT_RESEND": self.env._("Send the answer to the complaint again by %(day)s."),
        }

    def _bss_texts_register(self):
        return {
            "BIG_BUREAU_CONTRACT": self.env._("A contract with the bureau."),
            "BIG_AMOUNT": self.env._(
                "At least %(least)s PLN overdue for %(days)s days: %(total)s PLN are, enough from %(from)s."
            ),
            "BIG_ITEMS": self.env._("A claim that may be reported."),
            "BIG_TITLE": self.env._("Enforceable title with authority, day and signature."),
            "BIG_TITLE_AGE": self.env._("Title of %(judged)s: to be reported until %(last)s."),
            "BIG_LETTER_DAYS": self.env._("Letter of %(sent)s: %(days)s days have passed from %(from)s on."),
            "BIG_DEMAND": self.env._("Demand for payment with a warning of the report."),
            "BIG_DEMAND_FORM": self.env._("Demand by registered letter or by hand, by e-mail if agreed: %(form)s."),
            "BIG_DEMAND_BUREAU": self.env._("Demand names the bureau and its seat."),
            "BIG_DEMAND_OBJECTION": self.env._("Demand informs of the right of objection."),
            "BIG_DEMAND_MONTH": self.env._("Demand of %(sent)s: a month has passed from %(from)s on."),
            "BIG_DISPUTED": self.env._("The report must say that the debtor disputes the claim."),
            "BIG_LAPSED": self.env._("The report must say that the claim has lapsed."),
        }

    def _bss_texts_register_items(self):
        return {
            "BIG_ITEM_DISPUTED": self.env._("%(amount)s due on %(due)s: disputed by a complaint."),
            "BIG_ITEM_LAPSED": self.env._("%(amount)s due on %(due)s: lapsed."),
            "BIG_ITEM_TOO_OLD": self.env._("%(amount)s due on %(due)s: too old for the register."),
            "BIG_ITEM_NOT_DEMANDED": self.env._("%(amount)s due on %(due)s: not in the demand."),
        }

    def _bss_texts_vat(self):
        return {
            "VAT_UNPAID_DAYS": self.env._("Due on %(due)s: %(days)s days unpaid are over on %(last)s."),
            "VAT_YEARS": self.env._("Invoice of %(issued)s: the tax may be corrected until %(last)s."),
            "VAT_OPEN": self.env._("Tax of the unpaid part: %(vat)s × %(residual)s / %(gross)s = %(open)s"),
            "VAT_TAKE_RELIEF_FIRST": self.env._(
                "VAT of this bad debt may be corrected now: decide about it before you write it off."
            ),
            "VAT_RELIEF_NOT_YET": self.env._("VAT of this debt may be corrected later; a write-off may forfeit that."),
            "VAT_RELIEF_FACT_MISSING": self.env._(
                "VAT may be corrected only after enforcement, a register entry or consumer bankruptcy of this debtor."
            ),
            "VAT_RELIEF_TAKEN": self.env._("VAT of this debt was corrected already: have the write-off checked."),
            "VAT_RELIEF_EXPIRED": self.env._("It is too late to correct the VAT of this debt."),
        }

    def _bss_texts_income(self):
        return {
            "INCOME_UNPAID_DAYS": self.env._("Due on %(due)s: %(days)s days unpaid are over on %(last)s."),
            "INCOME_YEARS": self.env._(
                "Invoice or contract of %(newest)s: the income may be corrected until %(last)s."
            ),
            "INCOME_POSSIBLE": self.env._("Income tax of this bad debt may be corrected."),
            "INCOME_PAID": self.env._("The claim is paid."),
            "INCOME_NOT_BETWEEN_BUSINESSES": self.env._("Income tax may be corrected between businesses only."),
            "INCOME_TERM_TOO_OLD": self.env._("The term ended before the relief began."),
            "INCOME_WRITTEN_TO_COSTS": self.env._("The claim was already written to tax costs."),
            "INCOME_RELATED": self.env._("There is no relief between related parties."),
            "INCOME_INSOLVENT": self.env._("There is no relief while the debtor is being restructured or wound up."),
            "INCOME_EXPIRED": self.env._("It is too late to correct the income tax of this debt."),
            "INCOME_NOT_YET": self.env._("It is too early to correct the income tax of this debt."),
        }

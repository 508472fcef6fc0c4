"""Calls as a channel of steps: what the caller says."""

from odoo import fields, models

SCRIPT = """Dzień dobry, nazywam się $collector, dzwonię z firmy $company. Czy rozmawiam z: $name?
(Tylko jeśli tak – o zadłużeniu nie mówimy nikomu innemu.)
Dzwonię w sprawie konta abonenta $account. Na koncie pozostaje zaległość $amount, najstarszy termin minął $oldest_due, czyli $days dni temu.
Kiedy możemy spodziewać się wpłaty? Numer rachunku: $nrb.
Jeżeli kwestionuje Pan/Pani kwotę, przyjmę reklamację."""


class BssDunningStepCall(models.Model):
    _inherit = "bss.dunning.step"  # pylint: disable=consider-merging-classes-inherited

    call_script = fields.Text(
        string="Script of the Call",
        default=SCRIPT,
        help="$name, $company, $account, $amount, $oldest_due, $days, $nrb and $collector are filled in.",
    )

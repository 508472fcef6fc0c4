"""The ways in which a chunk of rows writes its invoices, and which one comes after a failure."""

import logging
from typing import NamedTuple

from odoo import models
from odoo.addons.queue_job.exception import RetryableJobError
from psycopg2 import OperationalError

from .. import bulk

_logger = logging.getLogger(__name__)

NEXT = {"copy": "tuned", "tuned": "stock"}
# after a difference was found, more of the others are compared before they are believed
CANARIES_AGAIN = 10


class Written(NamedTuple):
    """``pairs``: [(item id, id of its invoice)]; ``reason``: why not as rows."""

    tier: str
    pairs: list
    reason: str


class BssBillRunChunk(models.Model):
    _inherit = "bss.bill.run.chunk"  # pylint: disable=consider-merging-classes-inherited

    def _bss_write_part(self, part, tier, number, canaries=1):
        """Write as the tier says, or as the next one does; each way leaves all of the part or nothing.

        :return: [Written] in the order of the numbers
        """
        reason = next(iter(part.tiers.values()))[1]
        while True:
            if tier == "stock" and self.is_freeing:
                return self._bss_write_singly(part, number)
            try:
                with self.env.cr.savepoint():
                    move_ids = self._bss_write_as(tier, part, number, canaries)
                    pairs = list(zip(part.item_ids(), move_ids, strict=True))
                    self.run_id._bss_mark_issued(pairs, part.merged())
                return [Written(tier, pairs, reason)]
            except (OperationalError, RetryableJobError):
                raise
            except bulk.CanaryDifference as error:
                text = self.env._(
                    "An invoice differed from that of the ORM: %(columns)s", columns="; ".join(error.columns[:6])
                )
                _logger.warning("%s: %s", self.run_id.name, text)
                others, kin = part.split_kind(error.item_id)
                if others.ready and canaries == 1:
                    # the others are moved before it, so that the numbers still follow the order
                    written = self._bss_write_part(others, tier, number, CANARIES_AGAIN)
                    rest = self._bss_write_part(kin, NEXT[tier], number.after(len(others.ready)))
                    return written + [one._replace(reason=f"{text}\n{one.reason}".strip()) for one in rest]
            except Exception as error:
                if not self._bss_may_go_on(tier):
                    raise
                text = self.run_id._bss_error_text(error)
                _logger.warning("%s: not written as %s: %s", self.run_id.name, tier, text, exc_info=True)
            reason = f"{reason}\n{text}".strip()
            tier = NEXT[tier]

    def _bss_may_go_on(self, tier):
        """Whether the next way is taken after an error that nobody foresaw.

        A passing one is cured by trying rows once more; one that comes back would keep the numbers reserved and the
        journal shut for ever.
        """
        return tier == "tuned" or (tier == "copy" and bool(self.error))

    def _bss_write_as(self, tier, part, number, canaries):
        """Ids of the invoices, in the order of the part."""
        if tier == "copy":
            return bulk.write_copy(self.env, part, number, canaries)
        if tier == "tuned":
            moves = bulk.write_tuned(self.env, part, number)
        else:
            moves = self.env["account.move"].create(
                [bulk.move_vals(self.run_id, one.request, number.text(place)) for place, one in enumerate(part.ready)]
            )
            moves._post(soft=False)
        moves._bss_after_issue()
        self.run_id._bss_no_gap(moves)
        return moves.ids

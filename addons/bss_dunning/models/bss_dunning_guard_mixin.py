from odoo import api, models
from odoo.exceptions import AccessError

#: what a chatter writes in the name of its user
SOCIAL = frozenset({"activity_ids", "message_follower_ids", "message_ids"})


class BssDunningGuardMixin(models.AbstractModel):
    """Records that follow from money, runs and buttons: code writes them with ``sudo``, nobody by hand or by RPC."""

    _name = "bss.dunning.guard.mixin"
    _description = "Written by the System Only"

    #: fields that people may change themselves
    _bss_editable = frozenset()
    #: fields that people may give to a new record; empty: people make none
    _bss_creatable = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and (not self._bss_creatable or any(set(vals) - self._bss_creatable for vals in vals_list)):
            raise AccessError(self._bss_guard_words())
        records = super(BssDunningGuardMixin, self._bss_without_defaults()).create(vals_list)
        return records.with_env(self.env)

    def _bss_without_defaults(self):
        """The context comes from who calls, into ``sudo`` too: it must not set what its user may not write."""
        forged = {f"default_{name}" for name in self._fields if name not in self._bss_creatable}
        kept = {key: value for key, value in self.env.context.items() if key not in forged}
        return self.with_context(kept)  # pylint: disable=context-overridden  # keywords could only add keys

    def write(self, vals):
        self._bss_refuse_by_hand(vals)
        return super().write(vals)

    def _bss_refuse_by_hand(self, vals):
        if not self.env.su and (set(vals) - self._bss_editable or (set(vals) - SOCIAL and self._bss_is_settled())):
            raise AccessError(self._bss_guard_words())

    def _bss_is_settled(self):
        """Whether one of these records is past changes by people; its chatter goes on."""
        return False

    def _bss_guard_words(self):
        """Where these records come from, in words for who tried to write them."""
        return self.env._("%(model)s: changed by the buttons of collections only.", model=self._description)

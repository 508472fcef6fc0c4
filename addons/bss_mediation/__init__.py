from . import controllers, models, wizards
from .store import drop_event_table, drop_leg_table


def uninstall_hook(env):
    """The tables of events and legs are not Odoo's own to drop."""
    drop_event_table(env.cr)
    drop_leg_table(env.cr)
    # The demo source has files: it goes with its table, not as a record before them.
    env["ir.model.data"].search([("module", "=", "bss_mediation"), ("model", "=", "bss.usage.source")]).unlink()

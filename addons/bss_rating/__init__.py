from . import controllers, models, report, wizards
from .allowance_store import drop_use_table
from .rerating_store import drop_history_table


def uninstall_hook(env):
    """The tables of uses and of earlier ratings are no models: Odoo does not know them."""
    drop_use_table(env.cr)
    drop_history_table(env.cr)

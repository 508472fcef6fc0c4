from . import models, wizards


def post_init_hook(env):
    """Once, at the installation: later it is the operator's choice."""
    env["res.lang"]._bss_group_thousands()

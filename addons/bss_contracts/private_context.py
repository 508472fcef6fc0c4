"""Values of context keys by which code of this addon speaks to itself.

A context comes from the client, which can send any key, but only plain data: these are recognised by what they are.
"""


class Trial:
    """A preview under way: everything done will be rolled back."""

    def __init__(self, manager):
        """:param manager: list that takes what only a billing manager may confirm"""
        self.manager = manager


class Marker:
    """A flag that is set only by passing this very object."""


PROJECTION = Marker()
WITHOUT_PARTS = Marker()


def trial_of(env):
    """The preview under way, or None."""
    found = env.context.get("bss_preview")
    return found if isinstance(found, Trial) else None


def is_projection(env):
    """Whether a service is only shown as its version of today says."""
    return env.context.get("bss_projection") is PROJECTION


def is_without_parts(env):
    """Whether a bundle is made whose parts are made by the caller."""
    return env.context.get("bss_without_parts") is WITHOUT_PARTS

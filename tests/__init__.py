"""A package, so that `tests` here is never confused with the tests of an addon."""

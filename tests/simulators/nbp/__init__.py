"""A strict web API of the National Bank of Poland."""

from .bank import NbpSimulator

__all__ = ["NbpSimulator"]

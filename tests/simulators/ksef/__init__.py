"""Strict local stand-in for the Polish national e-invoicing system (KSeF 2.0), see README.md."""

from .faults import Fault
from .simulator import KsefSimulator

__all__ = ["Fault", "KsefSimulator"]

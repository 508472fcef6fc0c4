"""A network that takes service orders over HTTP: strict about what it accepts, with faults on demand."""

from .simulator import NetworkSimulator, Received

__all__ = ["NetworkSimulator", "Received"]

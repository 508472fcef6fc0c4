"""Visualisation of an FA(3) invoice: read from its frozen XML alone, complete, in Polish.

``read`` turns bytes into plain sections, ``html_page`` draws them; the PDF is drawn from the same sections.
"""

from .html import html_page
from .model import Grid, Row, Section, View
from .read import read

__all__ = ["Grid", "Row", "Section", "View", "html_page", "read"]

"""Text messages without Odoo: their length and price, when they may go out, and the protocols of two operators."""

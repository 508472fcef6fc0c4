"""KSeF 2.0 without Odoo: FA(3) documents, transport, numbers and verification links."""

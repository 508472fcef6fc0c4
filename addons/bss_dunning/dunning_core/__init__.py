"""Collection domain in plain Python: what the law allows (``law``) and what comes next (``policy``).

No Odoo, no database, no clock: dates, rates, calendars and terms are passed in, results carry their explanation.
"""

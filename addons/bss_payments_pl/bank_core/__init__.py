"""Bank files and payment matching, pure Python.

Nothing in this package knows Odoo, the clock, the file system or the network. Input is bytes
and plain data, output is frozen dataclasses; whatever is wrong with an input comes back as a
:class:`~bank_core.model.Problem` with the line, the field and a code.
"""

{
    "name": "BSS Test Clock",
    "summary": "Loaded by the browser tests only: moves the server's clock to the instant written in a file",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "BSS for Odoo contributors",
    "license": "LGPL-3",
    "depends": ["base"],
    "installable": False,
}

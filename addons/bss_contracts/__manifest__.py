{
    "name": "BSS Contracts and Billing",
    "summary": "Billing accounts, contracts, services, charges, service orders and bill runs of a telecom operator",
    "version": "19.0.1.0.0",
    "category": "Sales/BSS",
    "author": "BSS for Odoo contributors",
    "license": "LGPL-3",
    "depends": ["bss_catalog", "sale_management", "account", "portal", "queue_job"],
    "data": [
        "security/ir.model.access.csv",
        "security/bss_contracts_security.xml",
        "data/ir_sequence_data.xml",
        "data/queue_job_data.xml",
        "data/ir_cron_data.xml",
        "views/menus.xml",
    ],
    "application": False,
    "installable": True,
}

{
    "name": "BSS KSeF",
    "summary": "Polish e-invoices FA(3) in mass through KSeF 2.0 batch sessions",
    "version": "19.0.1.1.0",
    "category": "Accounting/Localizations/EDI",
    "author": "BSS for Odoo contributors",
    "license": "LGPL-3",
    "depends": ["account", "l10n_pl", "queue_job"],
    "external_dependencies": {"python": ["httpx", "ksef-client", "xmlsec"]},
    "data": [
        "security/ir.model.access.csv",
        "security/bss_ksef_rules.xml",
        "data/queue_job_function.xml",
        "data/ir_cron.xml",
        "data/mail_activity_type.xml",
        "views/bss_ksef_document_views.xml",
        "views/bss_ksef_session_views.xml",
        "views/account_move_views.xml",
        "views/account_tax_views.xml",
        "views/product_views.xml",
        "views/res_config_settings_views.xml",
        "views/bss_ksef_cockpit_views.xml",
        "wizards/bss_ksef_setup_views.xml",
        "views/menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "bss_ksef/static/src/cockpit.js",
            "bss_ksef/static/src/cockpit.xml",
            "bss_ksef/static/src/ksef.scss",
        ]
    },
}

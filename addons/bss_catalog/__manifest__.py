{
    "name": "BSS Catalogue",
    "summary": "Offerings, bundles, rate plans, zones and locations of a telecom operator",
    "version": "19.0.1.0.0",
    "category": "BSS",
    "author": "BSS for Odoo contributors",
    "license": "LGPL-3",
    "depends": ["mail", "product", "account", "l10n_pl", "base_vat", "phone_validation"],
    "data": [
        "security/bss_security.xml",
        "security/ir.model.access.csv",
        "security/bss_promotion_security.xml",
        "views/bss_menus.xml",
        "views/product_template_views.xml",
        "views/bss_price_templates.xml",
        "views/bss_promotion_views.xml",
        "views/bss_rate_zone_views.xml",
        "views/bss_rate_prefix_views.xml",
        "views/bss_rate_plan_views.xml",
        "views/bss_network_views.xml",
        "views/bss_competitor_views.xml",
        "views/bss_location_views.xml",
        "views/res_partner_views.xml",
    ],
    "assets": {
        # Some distributions of Odoo leave this file out; the bundle must not ask for it.
        "web.assets_backend": [
            ("remove", "mail/static/lib/selfie_segmentation/selfie_segmentation.js"),
        ],
    },
    "application": True,
}

from odoo.addons.bss_catalog import post_init_hook
from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.tests import tagged
from odoo.tools.misc import formatLang


@tagged("post_install", "-at_install")
class TestLanguage(BssCommon):
    def polish(self, separator):
        lang = self.env["res.lang"]._activate_lang("pl_PL")
        lang.thousands_sep = separator
        return lang

    def shown(self):
        zloty = self.env.ref("base.PLN")
        return formatLang(self.env(context={"lang": "pl_PL"}), 1234567.8, currency_obj=zloty).replace(
            "\N{NO-BREAK SPACE}", "_"
        )

    def test_polish_amounts_are_grouped_by_no_break_spaces(self):
        self.polish("")
        post_init_hook(self.env)
        self.assertEqual(self.shown(), "1_234_567,80_zł")

    def test_the_choice_of_the_operator_stays(self):
        lang = self.polish(".")
        post_init_hook(self.env)
        self.assertEqual((lang.thousands_sep, self.shown()), (".", "1.234.567,80_zł"))

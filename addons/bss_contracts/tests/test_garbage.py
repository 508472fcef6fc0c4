import gc

from odoo.tests import BaseCase, tagged

from .. import garbage


@tagged("post_install", "-at_install")
class TestGarbage(BaseCase):
    def test_collects_again_afterwards(self):
        self.assertTrue(gc.isenabled())
        with garbage.paused():
            self.assertFalse(gc.isenabled())
            with garbage.paused():
                self.assertFalse(gc.isenabled())
            self.assertFalse(gc.isenabled())
        self.assertTrue(gc.isenabled())

    def test_collects_again_after_an_error(self):
        with self.assertRaises(ValueError), garbage.paused():
            raise ValueError
        self.assertTrue(gc.isenabled())

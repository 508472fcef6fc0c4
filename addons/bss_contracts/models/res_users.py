from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _bss_or_admin(self):
        """This user when he can see activities, else the administrator: the system and customers read none."""
        if self and self.active and not self.share and not self._is_superuser():
            return self
        return self.env.ref("base.user_admin")

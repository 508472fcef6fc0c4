"""Ways to files on other machines: one class per way, all with ``entries``, ``fetch``, ``finish`` and ``close``.

Nothing of Odoo is in here. What goes wrong is a :class:`PickupError` with a code and parameters; the texts are the
source's (``bss.usage.source``).
"""

from .base import Pickup, PickupError
from .folder import FolderPickup
from .http import HttpPickup
from .sftp import SftpPickup

__all__ = ["FolderPickup", "HttpPickup", "Pickup", "PickupError", "SftpPickup"]

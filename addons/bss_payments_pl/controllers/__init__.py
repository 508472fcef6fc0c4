from . import confirmation, portal

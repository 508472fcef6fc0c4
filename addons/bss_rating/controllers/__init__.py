from . import itemised, portal

from . import bss_rating_simulation

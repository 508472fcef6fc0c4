from . import bss_ksef_setup

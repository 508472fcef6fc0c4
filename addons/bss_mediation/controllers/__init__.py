from . import usage_push

from . import usage_download, usage_push

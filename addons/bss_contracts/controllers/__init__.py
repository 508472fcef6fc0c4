from . import portal, provisioning, report

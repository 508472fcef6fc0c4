from . import provisioning, report

from . import test_usage_load
from . import test_usage_suspense
from . import test_usage_screens

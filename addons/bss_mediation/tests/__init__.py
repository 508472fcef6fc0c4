from . import test_usage_load, test_usage_screens, test_usage_suspense

from . import bulk, controllers, models, wizards

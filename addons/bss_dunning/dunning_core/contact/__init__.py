"""When and how often people who owe may be contacted, whoever of us does it."""

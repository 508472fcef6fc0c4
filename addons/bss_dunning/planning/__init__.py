"""Planning of many cases at once: rows are loaded by ranges of accounts, the kernel decides, rows are written back.

``terms`` holds what is the same for all accounts on a day, ``scope`` which accounts are looked at, ``load`` and
``load_facts`` read, ``review`` asks the kernel, ``store`` writes. The models string them together.
"""

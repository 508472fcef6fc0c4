"""The `./bss` command line. Standard library only, because it runs before anything is installed."""

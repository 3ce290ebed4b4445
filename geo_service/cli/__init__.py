"""The command line: one file per command group, each importing its services when it is called."""

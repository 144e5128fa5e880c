"""The doors of a node: services, command line, console."""

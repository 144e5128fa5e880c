"""The command line: one executable, ``creditbank``, for everything that people do."""

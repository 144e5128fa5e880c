"""The project's tests; one folder for each top room, plus the house rules and whole exchanges."""

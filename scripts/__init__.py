"""Programs for people who work on the project; none of them is part of what a node runs."""

"""A whole federation on one machine: planned from a seed, run as processes, checked and told."""

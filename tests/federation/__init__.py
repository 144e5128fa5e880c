"""Tests of what all parties of the federation share."""

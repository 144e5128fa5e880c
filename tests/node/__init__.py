"""Tests of one province's node."""

"""Tests of whole exchanges between several parties."""

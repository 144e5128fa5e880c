"""Fixtures of tests between several processes."""

from __future__ import annotations

from tests.e2e.federation_of_two import federation

__all__ = ["federation"]

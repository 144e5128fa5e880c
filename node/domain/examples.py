"""The frameworks and the crosswalk that come along as examples, to be copied and edited."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from node.domain.framework import Crosswalk, Framework
from node.domain.framework_form import read_crosswalk, read_framework

OUC_10 = "ouc-10.toml"
HKQF_7 = "hkqf-7.toml"
OUC_10_TO_HKQF_7 = "ouc-10-to-hkqf-7.toml"
EXAMPLES = (OUC_10, HKQF_7, OUC_10_TO_HKQF_7)


def example_document(name: str) -> bytes:
    """Return an example as it is shipped, one of ``EXAMPLES``."""
    return files("node.domain").joinpath("example_frameworks", name).read_bytes()


@cache
def example_framework(name: str) -> Framework:
    """Return the framework ``OUC_10`` or ``HKQF_7``."""
    return read_framework(example_document(name))


@cache
def example_crosswalk() -> Crosswalk:
    """Return the crosswalk from ``OUC_10`` to ``HKQF_7``."""
    return read_crosswalk(example_document(OUC_10_TO_HKQF_7))

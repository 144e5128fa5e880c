"""That faults of the rule engine are seen: each makes the tests named beside it fail."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.node.seeded_faults import FAULTS, SEEN_BY, VARIABLE


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_of_the_engine_fails_the_tests_named_beside_it(fault: str, tmp_path: Path) -> None:
    words = ("-q", "-n", "0", "-p", "tests.node.seeded_faults", "-o", f"cache_dir={tmp_path}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *SEEN_BY[fault]],
        cwd=ROOT,
        env=os.environ | {VARIABLE: fault, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    for name in SEEN_BY[fault]:
        assert re.search(rf"^FAILED {re.escape(name)}", done.stdout, re.MULTILINE), done.stdout

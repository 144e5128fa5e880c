"""No order of requests, cancellations, expiries and returns breaks a cap or uses a lot twice."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.node.caps_in_any_order import CapsInAnyOrder

# A night may try more than a minute can.
EXAMPLES = int(os.environ.get("CREDITBANK_SCHEDULES") or 8)

TestCapsInAnyOrder = CapsInAnyOrder.TestCase
TestCapsInAnyOrder.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

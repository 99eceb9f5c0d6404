"""A gateway over fakes, new for each test."""

from __future__ import annotations

import pytest

from tests.support.sample_gateway import SampleGateway, build


@pytest.fixture
def gateway() -> SampleGateway:
    """Services answer with samples; limits count from zero."""
    made = build()
    made.reset_limits()
    return made

"""Fixtures over the tiny world of `birds`."""

from __future__ import annotations

import pytest

from tests.audit.birds import WordEncoder, make_audit
from vlmdiag_widgets.audit import Audit


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def audit(encoder: WordEncoder) -> Audit:
    return make_audit(encoder)

"""An audit as the last line of a cell."""

from __future__ import annotations

import IPython.display
import numpy as np
import pytest

import vlmdiag_widgets as vd


@pytest.fixture
def shown(monkeypatch):
    seen = []
    monkeypatch.setattr(IPython.display, "display", seen.append)
    return seen


@pytest.fixture
def audit():
    rng = np.random.default_rng(0)
    labels = np.repeat(["cat", "dog"], 30)
    return vd.Audit.from_embeddings(rng.normal(size=(60, 8)), labels)


def test_two_displays_share_one_dashboard(audit, shown):
    audit._ipython_display_()
    audit._ipython_display_()
    assert len(shown) == 2
    assert shown[0] is shown[1]
    shown[0].close()


def test_a_closed_dashboard_is_made_anew(audit, shown):
    audit._ipython_display_()
    shown[0].close()
    audit._ipython_display_()
    assert shown[1] is not shown[0]
    shown[1].close()


def test_nothing_is_hovered_at_first(audit):
    assert audit.hover is None

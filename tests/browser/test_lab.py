"""The set-up of the browser tests itself."""

from __future__ import annotations

import pytest


def test_a_cell_runs_in_a_real_lab(lab, notebook):
    page = notebook(lab.write("sum.ipynb", "total = 1 + 1\ntotal"))
    page.run_all()
    assert page.python("total") == 2
    assert page.outside == set()


def test_a_failing_cell_is_seen(lab, notebook):
    page = notebook(lab.write("fails.ipynb", "1 / 0"))
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        page.run_all()


def test_webgl_is_there(lab, notebook):
    page = notebook(lab.write("empty.ipynb", "pass"))
    assert page.page.evaluate("document.createElement('canvas').getContext('webgl') !== null")

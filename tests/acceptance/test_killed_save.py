"""A save that ends at any line of its own code leaves the save before it whole."""

from __future__ import annotations

import itertools
import sys

import pytest

import vlmdiag_widgets as vd
from tests.audit.birds import make_audit
from vlmdiag_widgets.audit import persist


class Killed(BaseException):
    """Ends a save as a kill would: nothing that cleans up may run."""


def save_until(audit, folder, step, monkeypatch):
    """Save, and die before the `step`-th line of writing; tell whether it died."""
    lines = itertools.count()
    names = {function.__name__ for function in (persist._write, persist._written, persist._sweep)}

    def no_more(*_, **__):
        raise Killed

    def trace(frame, event, _):
        inside = frame.f_code.co_filename == persist.__file__ and frame.f_code.co_name in names
        if event == "line" and next(lines) == step:
            monkeypatch.setattr(persist.shutil, "rmtree", no_more)
            raise Killed
        return trace if inside else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        audit.save(folder)
    except Killed:
        return True
    finally:
        sys.settrace(before)
        monkeypatch.undo()
    return False


# A killed process leaves its open file to the system; here Python speaks of it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_a_save_killed_at_any_line_leaves_one_whole_save(tmp_path, monkeypatch):
    audit = make_audit()
    audit.save(tmp_path)
    saved = "open"
    for step in range(500):
        audit.gap = "closed" if saved == "open" else "open"
        died = save_until(audit, tmp_path, step, monkeypatch)
        found = vd.Audit.load(tmp_path).gap
        assert found in (saved, audit.gap)
        if not died:
            break
        audit.gap = saved = found
    assert step > 20
    assert found == audit.gap
    assert len(list(tmp_path.iterdir())) == 2

from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit import kept as module
from vlmdiag_widgets.audit.kept import Kept


def test_the_longest_unused_value_goes_first():
    kept = Kept(["a"])
    for key in "xyz":
        kept.put("a", key, key.upper(), most=3, needed=())
    kept.get("a", "x")
    kept.put("a", "new", 1, most=3, needed=())
    assert [kept.has("a", key) for key in ("x", "y", "z", "new")] == [True, False, True, True]


def test_needed_values_stay_however_many():
    kept = Kept(["a"])
    for key in "xyz":
        kept.put("a", key, 1, most=1, needed={("a", "x"), ("a", "y")})
    assert kept.count("a") == 3


def test_none_can_be_a_value():
    kept = Kept(["a"])
    kept.put("a", "x", None, most=1, needed=())
    kept.show("a", None)
    assert kept.has("a", "x")
    assert kept.was_shown("a")


def test_failures_are_forgiven_and_old_ones_forgotten(monkeypatch):
    monkeypatch.setattr(module, "MAX_FAILURES", 2)
    kept, error = Kept(["a"]), InputError("no")
    for key in "xyz":
        kept.fail("a", key, error)
    assert kept.failure("a", "x") is None
    assert kept.failure("a", "z") is error
    kept.forgive("a", "z")
    assert kept.failure("a", "z") is None

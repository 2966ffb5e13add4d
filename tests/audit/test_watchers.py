from vlmdiag_widgets.audit.jobs import Outbox
from vlmdiag_widgets.audit.node import ResultEvent
from vlmdiag_widgets.audit.watchers import Watchers


def make():
    outbox = Outbox()
    return outbox, Watchers(outbox)


def test_only_those_who_watch_a_result_hear_of_it():
    outbox, watchers = make()
    a, b = [], []
    watchers.add(["x"], a.append)
    watchers.add(["x", "y"], b.append)
    watchers.tell(ResultEvent("y", "ready", 0), "k")
    outbox.deliver()
    assert (a, [event.name for event in b]) == ([], ["y"])
    assert watchers.names() == ["x", "y"]


def test_nobody_is_told_the_same_twice():
    outbox, watchers = make()
    heard = []
    watchers.add(["x"], heard.append)
    for phase, key in (("stale", "k"), ("stale", "k"), ("ready", "k"), ("ready", "other")):
        watchers.tell(ResultEvent("x", phase, 0), key)
    outbox.deliver()
    assert [event.phase for event in heard] == ["stale", "ready", "ready"]


def test_a_removed_watcher_hears_nothing_not_even_what_was_on_its_way():
    outbox, watchers = make()
    heard = []
    number = watchers.add(["x"], heard.append)
    watchers.tell(ResultEvent("x", "ready", 0), "k")
    assert watchers.remove(number)
    assert not watchers.remove(number)
    outbox.deliver()
    assert heard == []


def test_a_greeting_counts_as_told():
    outbox, watchers = make()
    heard = []
    number = watchers.add(["x"], heard.append)
    watchers.greet(number, ResultEvent("x", "ready", 0), "k")
    watchers.tell(ResultEvent("x", "ready", 0), "k")
    outbox.deliver()
    assert len(heard) == 1

"""Many threads at one audit: nothing hangs, nothing old passes for new."""

from __future__ import annotations

import faulthandler
import random
import threading
import time

from tests.audit.birds import SPECIES, WordEncoder, make_audit
from vlmdiag_widgets._errors import VlmdiagError
from vlmdiag_widgets.audit.node import ResultEvent

ROUNDS = 12
#: After this long without an end every thread's stack is printed and the run stops.
HANGS = 90
WATCHED = ("slices", "texts", "trust", "influence")
PLACES = (["ocean", "forest"], ["ocean", "forest", "lake"], ["desert"], ["ocean", "desert"])


class Pairs:
    """A watcher like a view: looks at two results together once both are ready."""

    def __init__(self) -> None:
        self.latest: dict[str, ResultEvent] = {}
        self.wrong: list[str] = []
        self.checked = 0

    def __call__(self, event: ResultEvent) -> None:
        before = self.latest.get(event.name)
        if before is not None and event.generation < before.generation:
            self.wrong.append(f"{event.name} went back in time")
        self.latest[event.name] = event
        pair = [self.latest.get(name) for name in ("slices", "texts")]
        if all(one is not None and one.phase == "ready" for one in pair):
            slices, texts = (one.value for one in pair)
            scored = set(slices.loc[slices["n_texts"] > 0, "place"])
            self.checked += 1
            if scored != set(texts.loc[texts["full"], "place"]):
                self.wrong.append(f"slices of {scored} beside texts of other places")


def hammer(audit, go, stop, seed, unforeseen):
    """Do at random what users and views do, until told to stop."""
    rng = random.Random(seed)
    place = audit.attributes

    def look():
        audit.result(rng.choice(WATCHED))

    def watch_shortly():
        unwatch = audit.watch(list(WATCHED), lambda event: audit.peek(event.name))
        time.sleep(rng.random() / 200)
        unwatch()

    def watch_under_lock():
        with audit.lock:
            audit.watch(["slices"], lambda event: None)()
            audit.result("texts")

    actions = [
        lambda: audit.edit(attributes={**place, "place": rng.choice(PLACES)}),
        lambda: audit.edit(slice_by=rng.choice((["place"], ["species", "place"]))),
        lambda: audit.edit(target_class=rng.choice(("waterbird", "landbird", None))),
        audit.undo,
        audit.redo,
        audit.cancel,
        lambda: audit.select(slice={"class": "landbird"}),
        lambda: audit.retry("slices"),
        look,
        look,
        watch_shortly,
        watch_under_lock,
        audit.code,
    ]
    while not stop.is_set():
        go.wait(1)
        try:
            rng.choice(actions)()
        except VlmdiagError:  # a cancelled job, a slice that an edit took away
            continue
        except Exception as error:  # noqa: BLE001 - shown by the test
            unforeseen.append(error)


def test_many_threads_edit_undo_cancel_and_wait_without_harm():
    faulthandler.dump_traceback_later(HANGS, exit=True)
    try:
        audit = make_audit(slice_by=["place"])
        audit.slices()  # the probe is trained once, before the race
        pairs = Pairs()
        unwatch = audit.watch(["slices", "texts"], pairs)
        go, stop, unforeseen = threading.Event(), threading.Event(), []
        threads = [
            threading.Thread(target=hammer, args=(audit, go, stop, seed, unforeseen), daemon=True)
            for seed in range(5)
        ]
        for thread in threads:
            thread.start()
        for _ in range(ROUNDS):
            go.set()
            time.sleep(0.05)
            go.clear()  # a pause, long enough for answers
            time.sleep(0.15)
        stop.set()
        go.set()
        for thread in threads:
            thread.join(30)
        assert not [thread for thread in threads if thread.is_alive()]
        assert (unforeseen, pairs.wrong) == ([], [])
        settled(audit, pairs)
        unwatch()
    finally:
        faulthandler.cancel_dump_traceback_later()


def settled(audit, pairs):
    """What is shown in the end is what a new audit with the same settings finds."""
    settings = {
        "attributes": {"species": list(SPECIES), "place": ["lake"]},
        "slice_by": ["species", "place"],
        "target_class": "landbird",
    }
    audit.edit(**settings)
    fresh = make_audit(WordEncoder(), **settings)
    assert list(audit.texts()["text"]) == list(fresh.texts()["text"])
    assert audit.slices().equals(fresh.slices())
    assert audit.trust().text == fresh.trust().text
    deadline = time.monotonic() + 20
    while {pairs.latest[name].phase for name in ("slices", "texts")} != {"ready"}:
        assert time.monotonic() < deadline, pairs.latest
        time.sleep(0.01)
    assert pairs.latest["slices"].value.equals(fresh.result("slices"))
    assert pairs.checked > 5


def test_an_observer_that_exits_does_not_end_the_work():
    audit = make_audit()

    def exits(_event):
        raise SystemExit

    audit.watch(["slices"], exits)
    assert len(audit.slices()) > 0
    audit.edit(slice_by=["species", "place"])
    assert len(audit.slices()) == 16

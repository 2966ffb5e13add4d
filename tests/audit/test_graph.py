import os
import signal
import threading
import time

import pytest

from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit.graph import Graph, Node
from vlmdiag_widgets.audit.jobs import JobCancelled, Outbox, ResultError

STATE = {"a": 1, "b": 10, "slow": 0}


class World:
    """A graph over three numbers, with a result that can be held and one that can fail."""

    def __init__(self):
        self.lock = threading.RLock()
        self.outbox = Outbox()
        self.hold = threading.Event()
        self.started = threading.Event()
        self.fail = None
        self.batches = 0
        self.graph = Graph(
            [
                Node("double", lambda i: 2 * i.state["a"], state=("a",)),
                Node("sum", lambda i: i.needs["double"] + i.state["b"], ("double",), ("b",)),
                Node("slow", self.slow, state=("slow",), priority=9, yields=True),
                Node("risky", self.risky, ("double",)),
                Node("urgent", lambda i: -i.state["a"], state=("a",), priority=0, preview=True),
                Node("stubborn", self.slow, state=("slow",), priority=8),
            ],
            STATE,
            lock=self.lock,
            outbox=self.outbox,
        )

    def slow(self, inputs):
        self.started.set()
        while not self.hold.is_set():
            inputs.progress(self.batches, 0)
            self.batches += 1
            time.sleep(0.002)
        return inputs.state["slow"]

    def risky(self, inputs):
        if self.fail is not None:
            raise self.fail
        return inputs.needs["double"]

    def update(self, **changes):
        self.graph.update({**STATE, **changes})
        self.outbox.deliver()

    def watch(self, *names):
        events = []
        self.graph.watch(names, events.append)
        self.outbox.deliver()
        return events

    def wait(self, condition):
        deadline = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < deadline, "waited too long"
            time.sleep(0.002)


@pytest.fixture
def world():
    world = World()
    yield world
    world.hold.set()


def in_thread(call):
    out = {}

    def run():
        try:
            out["value"] = call()
        except BaseException as error:  # noqa: BLE001 - the test shows it
            out["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    return thread, out


def test_a_result_is_computed_with_all_it_needs_and_only_once(world):
    assert world.graph.get("sum") == 12
    assert world.graph.get("sum") == 12
    assert world.graph.calls == {"double": 1, "sum": 1}


def test_an_edit_recomputes_only_what_it_reaches(world):
    world.graph.get("sum")
    world.update(b=20)
    assert world.graph.get("sum") == 22
    assert world.graph.calls == {"double": 1, "sum": 2}


def test_going_back_finds_everything_still_there(world):
    world.graph.get("sum")
    world.update(a=2)
    world.graph.get("sum")
    world.update(a=1)
    assert world.graph.peek("sum") == (12, "ready")
    assert world.graph.calls["sum"] == 2


def test_settings_can_be_tried_without_an_edit(world):
    assert world.graph.get("sum", {"a": 5}) == 20
    assert world.graph.get("sum") == 12
    assert world.graph.peek("sum") == (12, "ready")


def test_a_watcher_hears_loading_then_ready_then_stale_with_the_old_value(world):
    events = world.watch("sum")
    world.wait(lambda: any(e.phase == "ready" for e in events))
    assert events[0].phase == "loading"
    world.update(b=20)
    world.wait(lambda: events[-1].value == 22)
    assert [(e.phase, e.value) for e in events[-2:]] == [("stale", 12), ("ready", 22)]
    assert events[-1].generation == 1


def test_an_undo_is_told_as_ready_at_once(world):
    events = world.watch("sum")
    world.wait(lambda: events[-1].phase == "ready")
    world.update(b=20)
    world.wait(lambda: events[-1].value == 22)
    world.update(b=10)
    assert (events[-1].phase, events[-1].value) == ("ready", 12)


def test_what_a_watcher_does_not_reach_is_not_told(world):
    events = world.watch("double")
    world.wait(lambda: events[-1].phase == "ready")
    count = len(events)
    world.update(b=20)
    assert len(events) == count


def test_unwatching_stops_events_and_work(world):
    events = []
    stop = world.graph.watch(["slow"], events.append)
    assert world.started.wait(5)
    stop()
    world.wait(lambda: not world.graph._running)
    assert world.graph.peek("slow") == (None, "empty")


def test_the_latest_edit_wins_over_a_slow_job(world):
    events = world.watch("slow")
    assert world.started.wait(5)
    for i in range(1, 6):
        world.update(slow=i)
    world.hold.set()
    world.wait(lambda: events[-1].phase == "ready")
    assert events[-1].value == 5
    assert [e.value for e in events if e.phase == "ready"] == [5]


def test_a_job_that_an_edit_does_not_reach_runs_on(world):
    world.watch("slow")
    assert world.started.wait(5)
    batches = world.batches
    world.update(b=99)
    world.wait(lambda: world.batches > batches + 5)
    assert world.graph.calls["slow"] == 1


def test_urgent_work_does_not_wait_for_the_end_of_a_long_job(world):
    world.watch("slow")
    assert world.started.wait(5)
    assert world.graph.get("sum") == 12  # "slow" yields to everything
    assert world.graph.calls["slow"] == 1


def test_a_preview_runs_inside_any_job_other_results_wait(world):
    events = world.watch("stubborn")
    assert world.started.wait(5)
    thread, out = in_thread(lambda: world.graph.get("sum"))
    assert world.graph.get("urgent") == -1
    assert "value" not in out
    world.hold.set()
    thread.join(5)
    assert out["value"] == 12
    world.wait(lambda: events[-1].phase == "ready")


def test_a_user_cancels_and_asks_again(world):
    events = world.watch("slow")
    thread, out = in_thread(lambda: world.graph.get("slow"))
    assert world.started.wait(5)
    assert world.graph.cancel()
    thread.join(5)
    assert isinstance(out["error"], JobCancelled)
    world.wait(lambda: events[-1].phase == "failed")
    time.sleep(0.05)
    assert world.graph.calls["slow"] == 1, "a cancelled job must not start again by itself"
    world.hold.set()
    assert world.graph.get("slow") == 0


def test_cancelling_another_job_does_nothing(world):
    world.watch("slow")
    assert world.started.wait(5)
    assert not world.graph.cancel(-1)
    assert world.graph._running


def test_an_interrupt_while_waiting_cancels_the_job(world, monkeypatch):
    def interrupted(want):
        world.graph._worker.wake()
        world.graph._changed.wait(0.05)
        if world.started.is_set():
            raise KeyboardInterrupt

    monkeypatch.setattr(world.graph, "_wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.graph.get("slow")
    world.wait(lambda: not world.graph._running)
    assert world.graph._wants == []


def test_a_failure_keeps_the_last_good_value(world):
    events = world.watch("risky")
    world.wait(lambda: events[-1].phase == "ready")
    world.fail = InputError("no", "do yes")
    world.update(a=3)
    world.wait(lambda: events[-1].phase == "failed")
    assert events[-1].value == 2
    assert events[-1].error is world.fail
    assert world.graph.peek("risky") == (2, "failed")
    with pytest.raises(InputError, match="do yes"):
        world.graph.get("risky")
    world.fail = None
    assert world.graph.get("risky") == 6


def test_an_unforeseen_error_is_explained_and_chained(world):
    world.fail = ZeroDivisionError("division by zero")
    with pytest.raises(ResultError, match="ZeroDivisionError") as caught:
        world.graph.get("risky")
    assert caught.value.__cause__ is world.fail


def test_a_failed_result_can_be_tried_again(world):
    world.fail = MemoryError()
    events = world.watch("risky")
    world.wait(lambda: events[-1].phase == "failed")
    assert "memory" in events[-1].error.hint
    world.fail = None
    world.graph.retry("risky")
    world.wait(lambda: events[-1].phase == "ready")


def test_waiting_frees_the_lock_even_where_the_caller_holds_it(world):
    with world.lock, world.lock:
        assert world.graph.get("sum") == 12


def test_a_callback_may_ask_for_results_and_edit(world):
    seen = []

    def callback(event):
        if event.phase == "ready" and not seen:
            seen.append(world.graph.get("sum"))
            world.update(b=30)

    world.graph.watch(["double"], callback)
    world.outbox.deliver()
    world.wait(lambda: seen)
    assert world.graph.get("sum") == 32


def test_what_is_cheap_comes_before_what_an_urgent_result_must_wait_for():
    order = []

    def node(name, needs=(), **more):
        return Node(name, lambda i: order.append(name), needs, **more)

    graph = Graph(
        [
            node("long", priority=3),
            node("urgent", ("long",), priority=0),
            node("cheap", priority=1),
        ],
        {},
        lock=threading.RLock(),
        outbox=Outbox(),
    )
    graph.watch(["urgent", "cheap"], lambda event: None)
    graph.get("urgent")
    assert order == ["cheap", "long", "urgent"]


def test_an_unknown_result_is_answered_with_near_names(world):
    with pytest.raises(InputError, match="double"):
        world.graph.get("duble")


def test_old_values_are_dropped_but_never_one_that_is_needed(world):
    events = world.watch("sum")
    for b in range(40):
        world.update(b=b)
        assert world.graph.get("sum") == b + 2
    assert world.graph._kept.count("sum") <= 9
    assert world.graph.calls["double"] == 1
    assert events[-1].value == 41


def test_two_results_are_never_ready_together_from_different_states(world):
    phases, pairs = {}, []

    def watcher(event):
        phases[event.name] = (event.phase, event.value)
        if len(phases) == 2 and all(phase == "ready" for phase, _ in phases.values()):
            pairs.append((phases["double"][1], phases["sum"][1]))

    world.graph.watch(["double", "sum"], watcher)
    for a in (1, 2):
        world.update(a=a)
        world.graph.get("sum")
    world.wait(lambda: (4, 14) in pairs)
    pairs.clear()
    world.update(a=1)
    world.update(a=2)
    assert pairs == [(2, 12), (4, 14)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_starts_again_what_its_parent_was_at(world):
    world.watch("slow")
    assert world.started.wait(5)
    with world.lock:  # or the child could inherit it from a thread that it does not have
        child = os.fork()
    if child == 0:  # pragma: no cover - another process
        signal.alarm(10)
        world.hold.set()
        os._exit(7 if world.graph.get("slow") == 0 else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7

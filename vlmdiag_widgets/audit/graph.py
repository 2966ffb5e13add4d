"""Named results as pure functions of what they name, computed when wanted and kept by key.

The key of a result is a hash of the state it reads and of the keys of the results it needs, so
an edit recomputes only what it reaches and an undo finds everything still there.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from vlmdiag_widgets._errors import InputError, VlmdiagError, nearest_names
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.audit.jobs import Job, JobCancelled, JobInfo, Outbox, ResultError, Worker
from vlmdiag_widgets.audit.kept import Kept
from vlmdiag_widgets.audit.node import (
    Inputs,
    Node,
    Phase,
    ResultEvent,
    Running,
    Snapshot,
    Want,
    digest,
    explained,
)
from vlmdiag_widgets.audit.watchers import Watcher, Watchers

Task = Callable[[], None]


class Graph:
    """All results of one audit: the work that remains, the values that are there.

    Parameters
    ----------
    nodes : sequence of Node
    state : mapping
        JSON-like values; nodes read the ones they name.
    lock : threading.RLock
        Guards everything here; never held while computing or while watchers are called.
    outbox : Outbox
    on_job : callable
        Told the running `JobInfo`, or None, through the outbox.
    on_ready : mapping
        Result name → callable told each new value of the current state, through the outbox.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        state: Mapping[str, Any],
        *,
        lock: threading.RLock,
        outbox: Outbox,
        on_job: Callable[[JobInfo | None], None] | None = None,
        on_ready: Mapping[str, Callable[[Any], None]] | None = None,
    ) -> None:
        self.nodes = {node.name: node for node in nodes}
        self.generation = 0
        self.calls: Counter[str] = Counter()
        self.seconds: dict[str, float] = {}
        self._now = Snapshot(state)
        self._changed = threading.Condition(lock)
        self._outbox = outbox
        self._on_job = on_job or (lambda _: None)
        self._on_ready = dict(on_ready or {})
        #: Names of the parts of the state that any result reads.
        self.fields = frozenset(name for node in nodes for name in node.state)
        self._kept = Kept(self.nodes)
        self._wants: list[Want] = []
        self._watchers = Watchers(outbox)
        self._running: list[Running] = []
        self._worker = Worker(self, self._changed)

    # -- reading -----------------------------------------------------------------------------

    def key(self, name: str, snapshot: Snapshot | None = None) -> str:
        """Return the hash of everything that result `name` is made from."""
        snapshot = snapshot or self._now
        if name not in snapshot.keys:
            node = self._node(name)
            state = [[field, snapshot.values[field]] for field in node.state]
            needs = [self.key(need, snapshot) for need in node.needs]
            snapshot.keys[name] = digest(name, state, needs)
        return snapshot.keys[name]

    def peek(self, name: str) -> tuple[Any, Phase]:
        """Return (value or last good value or None, phase) without waiting."""
        with self._changed:
            value, phase, _ = self._look(name)
            return value, phase

    def error(self, name: str) -> VlmdiagError | None:
        """Return why result `name` failed, if it did."""
        with self._changed:
            return self._look(name)[2]

    def _look(self, name: str) -> tuple[Any, Phase, VlmdiagError | None]:
        self._node(name)
        key = self.key(name)
        if self._kept.has(name, key):
            self._kept.show(name, self._kept.get(name, key))
            return self._kept.last(name), "ready", None
        error = self._failure(name, self._now)
        if error is not None:
            return self._kept.last(name), "failed", error
        if self._kept.was_shown(name):
            return self._kept.last(name), "stale", None
        wanted = any(want.name == name and want.snapshot is None for want in self._wants)
        return None, "loading" if wanted else "empty", None

    def get(self, name: str, overrides: Mapping[str, Any] | None = None) -> Any:
        """Return a result, computing it and what it needs first; blocks.

        While it waits the lock is free, even where the caller holds it. An edit that arrives
        meanwhile moves the goal: the answer belongs to the state at the time it is returned.

        Raises
        ------
        VlmdiagError
            What made this result, or one it needs, impossible.
        """
        self._node(name)
        with self._changed:
            fixed = Snapshot({**self._now.values, **overrides}) if overrides else None
            self._forget_failures(name, fixed or self._now)
            want = Want(name, fixed)
            self._wants.append(want)
        try:
            return self._wait_for(want)
        finally:
            with self._changed:
                self._wants.remove(want)
                self._cancel_unwanted()

    def _wait_for(self, want: Want) -> Any:
        while True:
            with self._changed:
                if self._is_there(want):
                    return self._kept.get(want.name, self._key_of(want))
                plan = self._plan(want) if self._worker.is_current else None
                if plan is None:
                    self._wait(want)
            if plan is not None:
                plan[1]()

    def _is_there(self, want: Want) -> bool:
        error = self._failure(want.name, want.snapshot or self._now)
        if error is not None:
            raise error
        return self._kept.has(want.name, self._key_of(want))

    def _key_of(self, want: Want) -> str:
        return self.key(want.name, want.snapshot)

    def _wait(self, want: Want) -> None:
        if self._worker.is_current:
            message = f"{want.name} was asked for from inside the job that it waits for."
            raise ResultError(message, "Watch the result instead of waiting for it.")
        self._worker.wake()
        self._changed.wait(0.5)  # a timeout lets Ctrl-C through on every system

    # -- editing and watching ----------------------------------------------------------------

    def update(self, state: Mapping[str, Any]) -> None:
        """Take a new state: cached results become ready, the others stale until recomputed."""
        with self._changed:
            self._now = Snapshot(state)
            self.generation += 1
            self._cancel_unwanted()
            names = self._watchers.names()
            # First all that changed is stale, then some is ready again: else a watcher of two
            # results would, after an undo, take one new and one old for a pair.
            for name in names:
                last = ResultEvent(name, "stale", self.generation, self._kept.last(name))
                self._watchers.retract(last, self.key(name))
            for name in names:
                self._tell(name)
            self._worker.wake()

    def watch(self, names: Iterable[str], watcher: Watcher) -> Callable[[], None]:
        """Want results from now on, and hear of each change; returns the way to stop.

        The watcher is told the present phase of each name at once.
        """
        wanted = frozenset(names)
        for name in wanted:
            self._node(name)
        with self._changed:
            number = self._watchers.add(wanted, watcher)
            wants = [Want(name) for name in sorted(wanted)]
            self._wants += wants
            for name in sorted(wanted):
                self._watchers.greet(number, self._event(name), self.key(name))
            self._worker.wake()
        return partial(self._unwatch, number, wants)

    def _unwatch(self, number: int, wants: list[Want]) -> None:
        with self._changed:
            if self._watchers.remove(number):
                self._wants = [want for want in self._wants if want not in wants]
                self._cancel_unwanted()

    def retry(self, name: str) -> None:
        """Forget that a result failed; it is tried again if somebody watches it."""
        with self._changed:
            self._forget_failures(name, self._now)
            self._tell(name)
            self._worker.wake()

    def cancel(self, job_id: int | None = None) -> bool:
        """Cancel the running job (or the one with this id); tells whether there was one."""
        with self._changed:
            for running in self._running:
                if job_id in (None, running.job.id):
                    running.job.cancel(by_user=True)
                    return True
        return False

    def _tell(self, name: str) -> None:
        self._watchers.tell(self._event(name), self.key(name))

    def _event(self, name: str) -> ResultEvent:
        value, phase, error = self._look(name)
        job = self._running[-1].job.info() if self._running else None
        return ResultEvent(name, phase, self.generation, value, error, job)

    # -- working -----------------------------------------------------------------------------

    def take(self, below: int | None = None, *, previews: bool = False) -> Task | None:
        """Return the most urgent task that can run now (lock held), or None.

        `below` keeps to nodes of a smaller priority number, `previews` to nodes marked so. What
        counts is the node that would run, which may be one that a wanted result needs.
        """
        best: tuple[Node, Task] | None = None
        for want in self._wants:
            plan = self._plan(want)
            if plan is None or (previews and not plan[0].preview):
                continue
            if below is not None and plan[0].priority >= below:
                continue
            if best is None or plan[0].priority < best[0].priority:
                best = plan
        return best[1] if best else None

    def abandon(self) -> None:
        """Forget the work of a thread that is no more (lock held)."""
        self._running.clear()

    def _plan(self, want: Want) -> tuple[Node, Task] | None:
        """Return the next node on the way to a result, and the task that computes it."""
        snapshot = want.snapshot or self._now
        if self._failure(want.name, snapshot) is not None:
            return None
        missing = self._missing(want.name, snapshot)
        if missing is None:
            return None
        key = self.key(missing.name, snapshot)
        if any(running.key == key for running in self._running):
            return None
        needs = {n: self._kept.get(n, self.key(n, snapshot)) for n in missing.needs}
        state = {field: snapshot.values[field] for field in missing.state}
        return missing, partial(self._run, missing, key, state, needs)

    def _missing(self, name: str, snapshot: Snapshot) -> Node | None:
        """Return the first result on the way to `name` whose needs are all there."""
        if self._kept.has(name, self.key(name, snapshot)):
            return None
        for need in self.nodes[name].needs:
            missing = self._missing(need, snapshot)
            if missing is not None:
                return missing
        return self.nodes[name]

    def _run(self, node: Node, key: str, state: dict[str, Any], needs: dict[str, Any]) -> None:
        job = Job(node.label or node.name, self._report)
        job.between_batches = partial(self._yield_to_urgent, node)
        running = Running(job, node, key)
        with self._changed:
            self._running.append(running)
            self.calls[node.name] += 1
            self._cancel_unwanted()  # an edit may have come since the task was taken
        if node.announce:
            self._report(job)
        started = time.perf_counter()
        value, error, cancelled = self._computed(node, Inputs(state, needs, job.progress))
        with self._changed:
            self.seconds[node.name] = time.perf_counter() - started
            self._running.remove(running)
            if cancelled:
                error = self._cancel_error(job)
            self._settle(node, key, value, error, dropped=cancelled and error is None)
            self._outbox.post(partial(self._on_job, self._top_job()))
            self._changed.notify_all()
        self._outbox.deliver()

    @staticmethod
    def _computed(node: Node, inputs: Inputs) -> tuple[Any, VlmdiagError | None, bool]:
        try:
            return node.compute(inputs), None, False
        except Cancelled:
            return None, None, True
        except VlmdiagError as error:
            return None, error, False
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the worker must go on
            return None, explained(node, error), False

    def _settle(
        self, node: Node, key: str, value: Any, error: VlmdiagError | None, *, dropped: bool
    ) -> None:
        """Keep what came out and tell the watchers (lock held)."""
        if dropped:
            return
        if error is not None:
            self._kept.fail(node.name, key, error)
            for name in self._watchers.names():
                self._tell(name)
            return
        self._kept.put(node.name, key, value, most=node.keep, needed=self._needed())
        if key == self.key(node.name):
            self._kept.show(node.name, value)
            if node.name in self._on_ready:
                self._outbox.post(partial(self._on_ready[node.name], value))
            self._tell(node.name)

    def _needed(self) -> set[tuple[str, str]]:
        """Return (name, key) of everything on the way to what is wanted now."""
        needed: set[tuple[str, str]] = set()

        def visit(name: str, snapshot: Snapshot) -> None:
            entry = (name, self.key(name, snapshot))
            if entry not in needed:
                needed.add(entry)
                for need in self.nodes[name].needs:
                    visit(need, snapshot)

        for want in self._wants:
            visit(want.name, want.snapshot or self._now)
        return needed

    def _cancel_unwanted(self) -> None:
        needed = self._needed()
        for running in self._running:
            if (running.node.name, running.key) not in needed:
                running.job.cancel()

    def _cancel_error(self, job: Job) -> VlmdiagError | None:
        if not job.by_user:
            return None
        return JobCancelled(f"Cancelled: {job.label}.", "The last result stays; ask again for it.")

    def _yield_to_urgent(self, node: Node) -> None:
        """Between two batches of `node`: run what must not wait for its end."""
        while True:
            with self._changed:
                task = self.take(below=node.priority, previews=not node.yields)
            if task is None:
                return
            task()

    def _report(self, job: Job) -> None:
        self._outbox.post(partial(self._on_job, job.info()))
        self._outbox.deliver()

    def _top_job(self) -> JobInfo | None:
        shown = [r.job for r in self._running if r.node.announce or r.job.total]
        return shown[-1].info() if shown else None

    # -- failures ----------------------------------------------------------------------------

    def _failure(self, name: str, snapshot: Snapshot) -> VlmdiagError | None:
        """Return the failure of a result or of the first failed one it needs."""
        key = self.key(name, snapshot)
        if self._kept.has(name, key):
            return None
        error = self._kept.failure(name, key)
        if error is not None:
            return error
        found = (self._failure(need, snapshot) for need in self.nodes[name].needs)
        return next((error for error in found if error is not None), None)

    def _forget_failures(self, name: str, snapshot: Snapshot) -> None:
        self._kept.forgive(name, self.key(name, snapshot))
        for need in self.nodes[name].needs:
            self._forget_failures(need, snapshot)

    def _node(self, name: str) -> Node:
        if name not in self.nodes:
            near = nearest_names(name, self.nodes) or list(self.nodes)
            raise InputError(f"There is no result {name!r}.", f"Did you mean {', '.join(near)}?")
        return self.nodes[name]

"""What runs in the background: jobs, their progress and cancelling, and the one worker thread."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from vlmdiag_widgets._errors import VlmdiagError
from vlmdiag_widgets._progress import Cancelled

logger = logging.getLogger("vlmdiag_widgets")

#: Seconds between two reports of the progress of one job.
REPORT_EVERY = 0.1
#: Seconds between two looks, inside a running job, for work that must not wait for its end.
LOOK_EVERY = 0.02
#: Seconds after which a worker thread without work ends; the next job starts a new one.
IDLE = 10.0


class JobCancelled(VlmdiagError, RuntimeError):
    """The user cancelled the job that was to compute this result."""


class ResultError(VlmdiagError, RuntimeError):
    """Computing a result failed in a way nobody foresaw; the cause is chained."""


@dataclass(frozen=True)
class JobInfo:
    """A running job as the views show it: ``total=0`` means that its length is unknown."""

    id: int
    label: str
    done: int = 0
    total: int = 0
    cancellable: bool = True


_ids = itertools.count(1)


@dataclass(eq=False)
class Job:
    """One computation under way; `progress` is what the computation calls between batches."""

    label: str
    report: Callable[[Job], None]
    between_batches: Callable[[], None] = lambda: None
    id: int = field(default_factory=lambda: next(_ids))
    done: int = 0
    total: int = 0
    by_user: bool = False
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _reported: float = field(default_factory=time.monotonic)
    _looked: float = field(default_factory=time.monotonic)

    def cancel(self, *, by_user: bool = False) -> None:
        """Ask the computation to stop at the next batch border."""
        self.by_user = self.by_user or by_user
        self._cancelled.set()

    def progress(self, done: int, total: int) -> None:
        """Note how far the work is; raises `Cancelled` once the job is cancelled."""
        self.done, self.total = int(done), int(total)
        self._raise_if_cancelled()
        if time.monotonic() - self._reported >= REPORT_EVERY:
            self._reported = time.monotonic()
            self.report(self)
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self.between_batches()
            self._looked = time.monotonic()
        self._raise_if_cancelled()

    def info(self) -> JobInfo:
        """Return the job as it stands."""
        return JobInfo(self.id, self.label, self.done, self.total)

    def _raise_if_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled(self.label)


class Outbox:
    """Calls made in the order they were posted, by one thread at a time, with no lock held.

    Observers and views may take any lock and start anything: nothing of the audit waits for
    them. A call that fails is logged and the next one is made.
    """

    def __init__(self) -> None:
        self._calls: deque[Callable[[], None]] = deque()
        self._delivering = threading.Lock()

    def post(self, call: Callable[[], None]) -> None:
        """Add a call; `deliver` makes it."""
        self._calls.append(call)

    def deliver(self) -> None:
        """Make all posted calls, unless another thread is already at it and will."""
        while self._calls and self._delivering.acquire(blocking=False):
            try:
                self._make_all()
            finally:
                self._delivering.release()

    def _make_all(self) -> None:
        while True:
            try:
                call = self._calls.popleft()
            except IndexError:
                return
            try:
                call()
            except (Exception, SystemExit):  # an observer must not end the thread it is told from
                logger.exception("An observer of an audit failed.")


class Workshop(Protocol):
    """What a worker works for: it hands out tasks and is told when it may be forgotten."""

    def take(self) -> Callable[[], None] | None:
        """Return the next task, or None when there is nothing to do."""

    def abandon(self) -> None:
        """Forget what a thread that is no more was working at."""


class Worker:
    """One daemon thread that runs the tasks of a workshop, which it does not keep alive.

    The thread starts with the first `wake`, sleeps while there is nothing to do, and ends after
    `IDLE` seconds of sleep or with its workshop.
    """

    def __init__(self, workshop: Workshop, changed: threading.Condition) -> None:
        self._workshop = weakref.ref(workshop)
        self._changed = changed
        self._thread: threading.Thread | None = None
        self._stopped = False
        weakref.finalize(workshop, _stop, weakref.ref(self))
        _workers.add(self)

    def wake(self) -> None:
        """Make sure that somebody looks for tasks (call with the lock held)."""
        if self._stopped:
            return
        if self._thread is None or not self._thread.is_alive():
            workshop = self._workshop()
            if workshop is not None:  # after a fork, or an end nobody foresaw, work is left over
                workshop.abandon()
            self._thread = threading.Thread(target=self._run, name="vlmdiag-audit", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def stop(self) -> None:
        """Take no task any more."""
        self._stopped = True
        with self._changed:
            self._changed.notify_all()

    def forget(self) -> None:
        """Take no task any more, without a lock: the workshop is being collected."""
        self._stopped = True

    def join(self, timeout: float) -> None:
        """Wait for the thread to end."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    @property
    def is_current(self) -> bool:
        """Whether the calling thread is this worker's."""
        return self._thread is threading.current_thread()

    def _run(self) -> None:
        idle_since = time.monotonic()
        while True:
            with self._changed:
                task = None if self._stopped else self._next()
                if task is None:
                    if self._stopped or time.monotonic() - idle_since > IDLE:
                        self._thread = None
                        return
                    self._changed.wait(IDLE / 4)
            if task is not None:
                task()
                del task  # it holds the workshop
                idle_since = time.monotonic()

    def _next(self) -> Callable[[], None] | None:
        workshop = self._workshop()
        if workshop is None:
            self._stopped = True
            return None
        return workshop.take()


_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


def _stop(worker: weakref.ref[Worker]) -> None:
    alive = worker()
    if alive is not None:
        alive.forget()


@atexit.register
def _stop_all() -> None:
    # A daemon thread inside torch while the interpreter goes down can abort the process.
    for worker in list(_workers):
        with contextlib.suppress(Exception):
            worker.stop()
            worker.join(2.0)

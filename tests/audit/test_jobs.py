import gc
import threading
import time
import weakref

import pytest

from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.audit import jobs
from vlmdiag_widgets.audit.jobs import Job, Outbox, Worker


def test_a_cancelled_job_stops_at_the_next_batch():
    job = Job("work", report=lambda job: None)
    job.progress(1, 10)
    job.cancel(by_user=True)
    with pytest.raises(Cancelled):
        job.progress(2, 10)
    assert job.by_user


def test_progress_is_reported_now_and_then(monkeypatch):
    monkeypatch.setattr(jobs, "REPORT_EVERY", 0)
    told = []
    job = Job("work", report=lambda job: told.append(job.info()))
    job.progress(1, 4)
    assert (told[0].label, told[0].done, told[0].total) == ("work", 1, 4)


def test_calls_are_made_in_order_by_one_thread_at_a_time():
    outbox, made, inside = Outbox(), [], threading.Semaphore(1)

    def call(i):
        assert inside.acquire(blocking=False), "two threads delivered at once"
        made.append(i)
        inside.release()

    def work(start):
        for i in range(start, start + 200):
            outbox.post(lambda i=i: call(i))
            outbox.deliver()

    threads = [threading.Thread(target=work, args=(1000 * t,)) for t in range(4)]
    [thread.start() for thread in threads]
    [thread.join(10) for thread in threads]
    outbox.deliver()
    assert len(made) == 800
    for t in range(4):
        mine = [i for i in made if i // 1000 == t]
        assert mine == sorted(mine)


def test_a_failing_observer_is_logged_and_the_next_one_called(caplog):
    outbox, made = Outbox(), []
    outbox.post(lambda: 1 / 0)
    outbox.post(lambda: made.append(1))
    outbox.deliver()
    assert made == [1]
    assert "ZeroDivisionError" in caplog.text


class Shop:
    def __init__(self, tasks):
        self.tasks = tasks
        self.changed = threading.Condition(threading.RLock())
        self.worker = Worker(self, self.changed)

    def take(self):
        return self.tasks.pop(0) if self.tasks else None

    def abandon(self):
        pass


def test_one_daemon_thread_does_the_work_and_ends_when_idle(monkeypatch):
    monkeypatch.setattr(jobs, "IDLE", 0.05)
    done = threading.Event()
    shop = Shop([done.set])
    with shop.changed:
        shop.worker.wake()
    assert done.wait(5)
    thread = shop.worker._thread
    assert thread is None or thread.daemon
    deadline = time.monotonic() + 5
    while shop.worker._thread is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert shop.worker._thread is None
    again = threading.Event()
    shop.tasks.append(again.set)
    with shop.changed:
        shop.worker.wake()
    assert again.wait(5)


def test_the_thread_does_not_keep_its_workshop_alive(monkeypatch):
    monkeypatch.setattr(jobs, "IDLE", 0.2)
    shop = Shop([lambda: None])
    with shop.changed:
        shop.worker.wake()
    time.sleep(0.05)
    thread, ref = shop.worker._thread, weakref.ref(shop)
    del shop
    gc.collect()
    assert ref() is None
    thread.join(5)
    assert not thread.is_alive()

"""Several processes of one thread each train one model: they share gradients and the clock."""

from __future__ import annotations

import contextlib
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist

from vlmdiag_widgets._errors import DeviceError
from vlmdiag_widgets.training.settings import Settings

if TYPE_CHECKING:
    from torch import nn

Follow = Callable[[int, Settings, str], None]

#: A process that waits longer for the others gives up; saving takes seconds.
PATIENCE = timedelta(minutes=5)


def share_gradients(model: nn.Module, told: list[float], processes: int) -> list[float]:
    """Average the gradients over the processes; return the sums of `told`."""
    if processes == 1:
        return told
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([g.reshape(-1) for g in grads] + [torch.tensor(told)])
    dist.all_reduce(flat)
    sums = flat[len(flat) - len(told) :].tolist()
    flat /= processes
    start = 0
    for grad in grads:
        grad.copy_(flat[start : start + grad.numel()].view_as(grad))
        start += grad.numel()
    return [float(value) for value in sums]


def meet(meeting: str, rank: int, settings: Settings) -> None:
    """Join the other processes at a file that all of them know."""
    dist.init_process_group(
        "gloo", meeting, rank=rank, world_size=settings.processes, timeout=PATIENCE
    )


def _say_who_died(codes: Sequence[int | None], error: RuntimeError) -> None:
    dead = [code for code in codes if code is not None]
    if dead:
        raise DeviceError(
            f"A training process ended with status {dead[0]}, perhaps for want of memory.",
            "Start the same run again: it goes on from the last checkpoint.",
        ) from error


@contextlib.contextmanager
def together(follow: Follow, settings: Settings) -> Iterator[None]:
    """Start the other processes, which run ``follow(rank, settings, meeting)``; this one is 0."""
    if settings.processes == 1:
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        meeting = f"file://{folder}/meeting"
        context = torch.multiprocessing.get_context("spawn")
        others = [
            context.Process(target=follow, args=(rank, settings, meeting), daemon=True)
            for rank in range(1, settings.processes)
        ]
        for other in others:
            other.start()
        try:
            meet(meeting, 0, settings)
            yield
            for other in others:
                other.join(timeout=60)
        except RuntimeError as error:
            _say_who_died([other.exitcode for other in others], error)
            raise
        finally:
            for other in others:
                other.terminate()
            if dist.is_initialized():
                dist.destroy_process_group()


@contextlib.contextmanager
def on_signal(ask_to_stop: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C and a polite kill end the run after the present step; a second one ends it now."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if asked:
            signal.default_int_handler(number, frame)
        asked.append(number)
        ask_to_stop()

    before = {one: signal.signal(one, ask) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)

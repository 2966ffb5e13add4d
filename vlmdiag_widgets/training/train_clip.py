"""Train the demo encoders ``demo@1`` and ``demo-vit@1`` on rendered scenes.

    python -m vlmdiag_widgets.training.train_clip demo@1 /tmp/corpus

The learning rate follows the share of the time budget that is spent, so that a busy machine
shortens the training and does not spoil its schedule. A run that was stopped goes on from its last
checkpoint when the same command is given again.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

import torch
import torch.distributed as dist

from vlmdiag_widgets._errors import VlmdiagError
from vlmdiag_widgets._progress import Cancelled, ProgressFn, no_progress
from vlmdiag_widgets.training.checkpoint import load
from vlmdiag_widgets.training.lead import Lead
from vlmdiag_widgets.training.prepare import prepare
from vlmdiag_widgets.training.processes import meet, on_signal, together
from vlmdiag_widgets.training.run_log import Line
from vlmdiag_widgets.training.settings import RECIPES, Settings, for_this_machine, recipe
from vlmdiag_widgets.training.trainer import Trainer


def train(settings: Settings, progress: ProgressFn = no_progress) -> bool:
    """Draw the scenes if they are not there yet, train, export.

    Parameters
    ----------
    settings : Settings
        See `recipe`.
    progress : ProgressFn
        Called while drawing with scenes, then after each step with seconds (or steps, where
        ``max_steps`` is given) and their budget. When it raises `Cancelled`, the run is saved
        first.

    Returns
    -------
    bool
        Whether the budget is spent; False after Ctrl-C: the same call goes on.

    Raises
    ------
    InputError
        If the folder holds scenes or a checkpoint of other settings.
    WeightsError
        If something cannot be written or a checkpoint is damaged.
    Cancelled
        If `progress` raised it.
    """
    settings, line = for_this_machine(settings), Line()

    def drawing(done: int, total: int) -> None:
        line.show(f"{done:,} of {total:,} scenes drawn")
        progress(done, total)

    corpus = Path(settings.corpus)
    prepare(corpus, settings.seed, settings.images, settings.processes, drawing)
    settings.run.mkdir(parents=True, exist_ok=True)
    load(settings)  # refused before any process is started
    threads = torch.get_num_threads()
    if settings.device == "cpu":
        torch.set_num_threads(1)
    try:
        return _lead(settings, progress, line)
    finally:
        torch.set_num_threads(threads)


def _lead(settings: Settings, progress: ProgressFn, line: Line) -> bool:
    cancelled: list[Cancelled] = []

    def remember(done: int, total: int) -> None:
        try:
            progress(done, total)
        except Cancelled as error:
            cancelled.append(error)
            raise

    with together(_follow, settings):
        trainer = Trainer(settings, 0)
        with on_signal(trainer.ask_to_stop):
            Lead(trainer, remember, line).run()
    if cancelled:
        raise cancelled[0]
    return trainer.share >= 1


def _follow(rank: int, settings: Settings, meeting: str) -> None:
    """Run a process other than 0: it does what process 0 says."""
    # Ctrl-C reaches every process of a terminal; process 0 decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    meet(meeting, rank, settings)
    for _ in Trainer(settings, rank).steps():
        pass
    dist.destroy_process_group()


def main() -> int:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=list(RECIPES))
    parser.add_argument("corpus", type=Path, help="folder for drawn scenes, checkpoint and log")
    parser.add_argument("--out", type=Path, help="folder of the encoder (default: the package's)")
    for option, kind in (("minutes", float), ("max-steps", int), ("images", int), ("batch", int)):
        parser.add_argument(f"--{option}", type=kind)
    parser.add_argument("--processes", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"))
    given = vars(parser.parse_args())
    try:
        settings = recipe(**given)
        finished = train(settings)
    except VlmdiagError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        finished = False
    if not finished:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The ``vlmdiag`` command: demo notebooks, what works here, rendered worlds, training."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vlmdiag_widgets._errors import InputError, VlmdiagError

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``vlmdiag``.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``vlmdiag`` on the command line; default: that of this process.

    Returns
    -------
    int
        Exit status: 0 when all is well, 1 when something is missing or was refused.
    """
    options = parser().parse_args(arguments)
    try:
        return int(options.act(options))
    except VlmdiagError as error:
        print(f"vlmdiag: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nvlmdiag: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader, such as `head`, has gone; Python must not write to it at its own end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def parser() -> argparse.ArgumentParser:
    """Build the command line's grammar."""
    top = argparse.ArgumentParser(
        prog="vlmdiag", description="See where a vision-language model fails, in Jupyter."
    )
    commands = top.add_subparsers(required=True, metavar="command")

    demo = commands.add_parser("demo", help="open the demo notebook in JupyterLab")
    demo.add_argument(
        "--dir",
        type=Path,
        default=Path("vlmdiag-notebooks"),
        help="folder for your copies of the notebooks (default: %(default)s)",
    )
    demo.add_argument(
        "--fresh", action="store_true", help="start from clean copies; changed ones are set aside"
    )
    demo.add_argument("--port", type=int, help="port of the server (default: JupyterLab's)")
    demo.add_argument("--no-browser", action="store_true", help="print the address only")
    demo.set_defaults(act=run_demo)

    add_worlds(commands)
    add_train(commands)
    doctor = commands.add_parser("doctor", help="say what works here and what is missing")
    doctor.add_argument("--json", action="store_true", help="print the report as JSON")
    doctor.set_defaults(act=run_doctor)
    return top


def add_worlds(commands: _Commands) -> None:
    """Add ``vlmdiag worlds`` to the grammar."""
    worlds = commands.add_parser(
        "worlds", help="list the rendered data sets, or write one to a folder"
    )
    worlds.add_argument("name", nargs="?", help="one of them; without it, all are listed")
    worlds.add_argument("--n", type=int, help="number of images (default: the world's own)")
    worlds.add_argument("--seed", type=int, help="the same seed gives the same pictures")
    worlds.add_argument("--size", type=int, help="side of the pictures in pixels (default: 256)")
    worlds.add_argument(
        "--set", action="append", default=[], metavar="KNOB=VALUE", help="a setting of the world"
    )
    worlds.add_argument("--out", type=Path, help="folder for pictures, table and boxes")
    worlds.add_argument("--sheet", type=Path, help="file for a page of pictures (.png, .webp)")
    worlds.add_argument(
        "--force", action="store_true", help="replace what an earlier call wrote there"
    )
    worlds.set_defaults(act=run_worlds)


def add_train(commands: _Commands) -> None:
    """Add ``vlmdiag train`` to the grammar."""
    from vlmdiag_widgets._train_command import IMAGES_ONLY, WITH_TEXTS

    train = commands.add_parser("train", help="train one of the embedded encoders again")
    train.add_argument("name", choices=[*WITH_TEXTS, *IMAGES_ONLY])
    train.add_argument("--out", type=Path, required=True, help="folder for the trained encoder")
    train.add_argument(
        "--run", type=Path, help="folder for pictures and checkpoints (default: beside --out)"
    )
    train.add_argument("--minutes", type=float, help="time to train (default: the recipe's)")
    train.add_argument("--steps", type=int, help="train for so many steps, not for a time")
    train.add_argument("--images", type=int, help="pictures to draw for it")
    train.add_argument("--batch", type=int, help="pictures in a step of one process")
    train.add_argument("--processes", type=int, help="processes of one thread each (default: 2)")
    train.add_argument("--seed", type=int, help="of pictures, model and order (default: 0)")
    train.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    train.add_argument("--evaluate", action="store_true", help="measure it on new pictures after")
    train.add_argument(
        "--scale", type=float, default=1.0, help="factor on the pictures that --evaluate takes"
    )
    train.set_defaults(act=run_train)


def run_demo(options: argparse.Namespace) -> int:
    """Copy the notebooks and start JupyterLab on the first one."""
    from vlmdiag_widgets._demo import copy_notebooks, start_lab

    say(copy_notebooks(options.dir, fresh=options.fresh))
    return start_lab(options.dir, port=options.port, browser=not options.no_browser)


def run_doctor(options: argparse.Namespace) -> int:
    """Print the report; status 1 when something needed is missing."""
    from vlmdiag_widgets._doctor import as_json, as_text, examine

    checks = examine()
    print(as_json(checks) if options.json else as_text(checks))
    return int(any(check.status == "missing" for check in checks))


def run_worlds(options: argparse.Namespace) -> int:
    """List the worlds, describe one, or write its pictures."""
    from vlmdiag_widgets import _worlds_command as worlds
    from vlmdiag_widgets._terminal import Meter

    if options.name is None:
        if options.set or options.out or options.sheet:
            raise InputError("No world is named.", "For example vlmdiag worlds animals --out DIR.")
        say(worlds.listed())
        return 0
    settings = worlds.read_settings(options.set)
    worlds.check_targets(options.out, options.sheet, force=options.force)
    size = {"n": options.n, "seed": options.seed, "size": options.size}
    data = worlds.make(options.name, settings, **size)
    if options.out is not None:
        meter = Meter("pictures")
        say(worlds.write(data, options.out, force=options.force, progress=meter))
    if options.sheet is not None:
        say(worlds.write_sheet(data, options.sheet, force=options.force))
    if options.sheet is None and options.out is None:
        say(worlds.described(options.name, data))
    return 0


def run_train(options: argparse.Namespace) -> int:
    """Train an encoder, or go on with it; then measure it if asked."""
    from vlmdiag_widgets import _train_command as command

    if not 0 < options.scale < math.inf:
        raise InputError(f"--scale is {options.scale!r}.", "Give a number above 0.")
    asked = {key: getattr(options, key) for key in command.INPUTS}
    out, run, told = command.prepare(
        options.name, options.out, options.run, resume=options.resume, **asked
    )
    if not command.train(options.name, out, run, told):
        print("vlmdiag: stopped. The same command with --resume goes on.", file=sys.stderr)
        return 130
    say(command.what_next(out))
    return command.evaluate(out, options.scale) if options.evaluate else 0


def say(lines: Iterable[str]) -> None:
    """Print lines as they come."""
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

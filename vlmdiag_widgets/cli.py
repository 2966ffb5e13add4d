"""The ``vlmdiag`` command: demo notebooks, what works here, rendered worlds, training."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vlmdiag_widgets._errors import VlmdiagError

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
        return int(options.run(options))
    except VlmdiagError as error:
        print(f"vlmdiag: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nvlmdiag: stopped.", file=sys.stderr)
        return 130


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
    demo.set_defaults(run=run_demo)

    add_worlds(commands)
    doctor = commands.add_parser("doctor", help="say what works here and what is missing")
    doctor.add_argument("--json", action="store_true", help="print the report as JSON")
    doctor.set_defaults(run=run_doctor)
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
    worlds.set_defaults(run=run_worlds)


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
        say(worlds.listed())
        return 0
    settings = worlds.read_settings(options.set)
    size = {"n": options.n, "seed": options.seed, "size": options.size}
    data = worlds.make(options.name, settings, **size)
    if options.sheet is not None:
        say(worlds.write_sheet(data, options.sheet, force=options.force))
    if options.out is not None:
        meter = Meter("pictures")
        say(worlds.write(data, options.out, force=options.force, progress=meter))
    if options.sheet is None and options.out is None:
        say(worlds.described(options.name, data))
    return 0


def say(lines: Iterable[str]) -> None:
    """Print lines as they come."""
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

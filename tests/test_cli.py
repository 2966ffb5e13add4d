"""The ``vlmdiag`` command."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.waiting import until
from vlmdiag_widgets import _demo, _doctor, cli
from vlmdiag_widgets._errors import InputError


def test_demo_copies_every_notebook(tmp_path):
    lines = list(_demo.copy_notebooks(tmp_path / "mine"))
    names = {path.name for path in _demo.notebooks_folder().glob("*.ipynb")}
    assert {path.name for path in (tmp_path / "mine").iterdir()} == names
    assert all(line.endswith("copied") for line in lines)


def test_demo_keeps_a_notebook_the_user_changed(tmp_path):
    mine = tmp_path / "quickstart.ipynb"
    mine.write_text("my work")
    list(_demo.copy_notebooks(tmp_path))
    assert mine.read_text() == "my work"


def test_demo_fresh_sets_the_changed_notebook_aside(tmp_path):
    (tmp_path / "quickstart.ipynb").write_text("my work")
    (tmp_path / "quickstart-1.ipynb").write_text("older work")
    list(_demo.copy_notebooks(tmp_path, fresh=True))
    assert (tmp_path / "quickstart-2.ipynb").read_text() == "my work"
    assert (tmp_path / "quickstart-1.ipynb").read_text() == "older work"
    assert json.loads((tmp_path / "quickstart.ipynb").read_text())["nbformat"] == 4


def test_demo_twice_changes_nothing(tmp_path):
    list(_demo.copy_notebooks(tmp_path))
    assert all(line.endswith("already there") for line in _demo.copy_notebooks(tmp_path))


def test_demo_into_a_file_is_refused_in_plain_words(tmp_path, capsys):
    place = tmp_path / "file"
    place.write_text("")
    assert cli.main(["demo", "--dir", str(place)]) == 1
    assert "--dir" in capsys.readouterr().err


def test_demo_without_notebooks_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(_demo, "PACKAGE", tmp_path)
    with pytest.raises(InputError, match="Install the package again"):
        _demo.notebooks_folder()


@pytest.mark.slow
def test_demo_serves_the_quickstart(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "vlmdiag_widgets", "demo", "--no-browser", "--port", str(port)]
    env = {**os.environ, "JUPYTER_TOKEN": "quiet", "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    log = (tmp_path / "log").open("w+")
    server = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=log, stderr=log, text=True)
    try:
        url = f"http://127.0.0.1:{port}/api/contents/quickstart.ipynb?token=quiet"
        found = until(lambda: json.load(urllib.request.urlopen(url, timeout=5)), seconds=60)
        assert found["type"] == "notebook"
        assert (tmp_path / "vlmdiag-notebooks" / "quickstart.ipynb").is_file()
        assert re.search(r"/lab/tree/quickstart\.ipynb", (tmp_path / "log").read_text())
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        log.close()


def test_doctor_finds_this_environment_in_order(capsys):
    status = cli.main(["doctor"])
    text = capsys.readouterr().out
    assert status == 0, text
    assert "All the demo needs is here." in text
    assert "demo encoder" in text


def test_doctor_json_is_json(capsys):
    cli.main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert {"python", "torch", "device", "cache"} <= {check["name"] for check in report["checks"]}


def test_doctor_says_what_is_missing_and_how_to_mend_it(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(_doctor, "PACKAGE", tmp_path)
    assert cli.main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "!!  browser views" in text
    assert "Missing: browser views." in text


def test_doctor_survives_a_broken_part(monkeypatch):
    def broken():
        raise RuntimeError("no driver")
        yield

    monkeypatch.setattr(_doctor, "device", broken)
    checks = {check.name: check for check in _doctor.examine()}
    assert checks["broken"].status == "missing"
    assert "no driver" in checks["broken"].detail


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit):
        cli.main(["dance"])
    assert "demo" in capsys.readouterr().err

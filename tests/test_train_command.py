"""``vlmdiag train``: begins, goes on, refuses; the training itself is tested beside its code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.waiting import until
from vlmdiag_widgets import _train_command, cli
from vlmdiag_widgets.training.architecture_vision import NETWORKS
from vlmdiag_widgets.training.settings import RECIPES

SMALL = ["--images", "64", "--batch", "16", "--processes", "1"]
ENV = {**os.environ, "OMP_NUM_THREADS": "1"}


def command(*arguments):
    return [sys.executable, "-m", "vlmdiag_widgets", "train", *map(str, arguments)]


def test_every_recipe_has_a_name():
    assert {f"{name}@1" for name in _train_command.WITH_TEXTS} == set(RECIPES)
    assert {f"{name}@1" for name in _train_command.IMAGES_ONLY} == set(NETWORKS)


def test_a_small_encoder_of_images_and_texts(tmp_path, capsys):
    from vlmdiag_widgets import load_encoder

    out = tmp_path / "mine"
    assert cli.main(["train", "demo", "--out", str(out), "--steps", "2", *SMALL]) == 0
    assert f"load_encoder({str(out)!r})" in capsys.readouterr().out
    assert load_encoder(str(out), device="cpu").encode_texts(["a dog"]).shape[0] == 1
    assert json.loads((tmp_path / "mine-run" / "command.json").read_text())["steps"] == 2

    again = ["train", "demo", "--out", str(out)]
    assert cli.main(again) == 1
    assert "--resume" in capsys.readouterr().err
    assert cli.main([*again, "--resume"]) == 0, "a finished run has nothing left to do"
    assert cli.main([*again, "--resume", "--steps", "5"]) == 1
    assert "begun with steps 2, now it is 5" in capsys.readouterr().err


@pytest.mark.slow
def test_a_small_network_that_sees_images_only(tmp_path, capsys):
    from vlmdiag_widgets import load_encoder

    out = tmp_path / "eyes"
    given = ["--out", str(out), "--minutes", "0.02", *SMALL]
    assert cli.main(["train", "demo-resnet", *given]) == 0
    assert (out / "card.json").is_file()
    assert f"load_encoder({str(out)!r})" in capsys.readouterr().out
    assert load_encoder(str(out), device="cpu").dim > 0


@pytest.mark.slow
def test_a_stopped_run_goes_on(tmp_path):
    out = tmp_path / "mine"
    given = ["demo", "--out", out, "--minutes", "30", *SMALL]
    work = subprocess.Popen(command(*given), stderr=subprocess.PIPE, text=True, env=ENV)
    log = tmp_path / "mine-run" / "run-demo1" / "log.jsonl"
    until(lambda: log.is_file() and log.read_text().count("\n") >= 2, seconds=90)
    work.send_signal(signal.SIGINT)
    _, told = work.communicate(timeout=60)
    assert work.returncode == 130
    assert "--resume goes on" in told
    steps = json.loads(log.read_text().splitlines()[-1])["step"]

    work = subprocess.Popen(
        command("demo", "--out", out, "--resume"), stderr=subprocess.DEVNULL, env=ENV
    )
    until(lambda: json.loads(log.read_text().splitlines()[-1])["step"] > steps, seconds=90)
    work.send_signal(signal.SIGINT)
    assert work.wait(60) == 130


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["demo", "--resume"], "There is no training run"),
        (["demo", "--minutes", "0"], "--minutes is 0"),
        (["demo", "--images", "0"], "--images is 0"),
        (["demo-ssl", "--steps", "5"], "Use --minutes"),
        (["demo", "--images", "10", "--batch", "64"], "do not fill a batch"),
    ],
)
def test_bad_input_is_refused_before_anything_is_made(given, told, tmp_path, capsys):
    assert cli.main(["train", *given, "--out", str(tmp_path / "mine")]) == 1
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_with_files_is_left_alone(tmp_path, capsys):
    (tmp_path / "work.txt").write_text("mine")
    assert cli.main(["train", "demo", "--out", str(tmp_path)]) == 1
    assert "there already" in capsys.readouterr().err


def test_a_place_is_needed(capsys):
    with pytest.raises(SystemExit):
        cli.main(["train", "demo"])
    assert "--out" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given",
    [["--minutes", "nan"], ["--minutes", "inf"], ["--scale", "0"], ["--scale", "nan"]],
)
def test_no_run_begins_with_numbers_that_are_none(given, tmp_path, capsys):
    assert cli.main(["train", "demo-ssl", "--out", str(tmp_path / "x"), *given]) == 1
    assert given[0] in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_run_lies_beside_the_result(tmp_path, capsys):
    out = tmp_path / "x"
    assert cli.main(["train", "demo-ssl", "--out", str(out), "--run", str(out / "run")]) == 1
    assert "Name two folders" in capsys.readouterr().err

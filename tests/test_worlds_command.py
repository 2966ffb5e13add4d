"""``vlmdiag worlds``: the list, a description, a folder, a page of pictures."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest
from PIL import Image

from tests.waiting import until
from vlmdiag_widgets import _worlds_command, cli
from vlmdiag_widgets.datasets import WORLDS, ImageDataset, load_dataset


def test_the_list_names_every_world_with_classes_and_settings(capsys):
    assert cli.main(["worlds"]) == 0
    text = capsys.readouterr().out
    for name in [*WORLDS, "coloured-digits"]:
        entry = re.search(rf"^{name}\n(?:  .+\n)+", text, re.MULTILINE)
        assert entry, name
        assert "classes: " in entry.group()
        assert re.search(r"settings: n=\d+, seed=0", entry.group()), name
    assert "spurious=0.9" in text


def test_a_name_alone_is_described(capsys):
    assert cli.main(["worlds", "camels-horses", "--n", "48"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"images +48 \(\d+ train, \d+ val, \d+ test\)", text)
    assert "caption" in text


def test_a_world_is_written_and_read_again(tmp_path, capsys):
    out = tmp_path / "horses"
    given = ["--n", "12", "--seed", "3", "--size", "48", "--set", "spurious=1.0", "--out", str(out)]
    assert cli.main(["worlds", "camels-horses", *given]) == 0
    assert "12 pictures" in capsys.readouterr().out
    data = load_dataset("camels-horses", n=12, seed=3, size=48, spurious=1.0)
    again = ImageDataset.from_folder(out)
    by_id = {str(name).rsplit("/", 1)[-1]: row for row, name in enumerate(again.ids)}
    for row, name in enumerate(data.ids):
        other = by_id[f"{name}.png"]
        assert again.labels[other] == data.labels[row]
        assert again[other].tobytes() == data[row].tobytes()


def test_digits_are_among_the_worlds(tmp_path):
    out = tmp_path / "digits"
    given = ["--n", "30", "--size", "16", "--set", "spurious=0.5", "--out", str(out)]
    assert cli.main(["worlds", "coloured-digits", *given]) == 0
    assert len(ImageDataset.from_folder(out)) == 30


def test_a_page_of_pictures_is_drawn_once(tmp_path, capsys):
    page = tmp_path / "page.png"
    command = ["worlds", "professions", "--n", "9", "--sheet", str(page)]
    assert cli.main(command) == 0
    with Image.open(page) as drawn:
        assert drawn.width > 1000
    assert cli.main(command) == 1
    assert "--force" in capsys.readouterr().err
    assert cli.main([*command, "--force"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["page.png"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["animls"], "Did you mean 'animals'"),
        (["coloured-digit"], "Did you mean 'coloured-digits'"),
        (["waterbirds", "--set", "spurios=1"], "Did you mean 'spurious'"),
        (["waterbirds", "--set", "spurious"], "expected knob=value"),
        (["waterbirds", "--set", "spurious=2"], "share from 0 to 1"),
        (["waterbirds", "--n", "-4"], "n is -4"),
        (["coloured-digits", "--set", "hue=2"], "It has spurious"),
        (["dspritesv", "--n", "9", "--sheet", "page.txt"], "no name for a picture"),
    ],
)
def test_bad_input_is_refused_in_plain_words(given, told, capsys):
    assert cli.main(["worlds", *given]) == 1
    assert told in capsys.readouterr().err


def test_settings_are_json_or_words():
    pairs = ["a=0.5", "b=dog, cat", "c=noto", 'd={"dog": "snow"}', "e=null", "f=x=y"]
    assert _worlds_command.read_settings(pairs) == {
        "a": 0.5,
        "b": ["dog", "cat"],
        "c": "noto",
        "d": {"dog": "snow"},
        "e": None,
        "f": "x=y",
    }


def test_control_c_leaves_nothing_behind(tmp_path):
    out = tmp_path / "birds"
    command = [sys.executable, "-m", "vlmdiag_widgets", "worlds", "waterbirds", "--out", str(out)]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    work = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    until(lambda: any(tmp_path.rglob("*.png")), seconds=60)
    work.send_signal(signal.SIGINT)
    _, told = work.communicate(timeout=30)
    assert work.returncode == 130
    assert told.endswith("vlmdiag: stopped.\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["animals", "--set", "n=12", "--n", "9"], "Use --n 12"),
        (["animals", "--set", "name=x"], "cannot give name"),
        (["--out", "folder"], "No world is named"),
    ],
)
def test_what_would_be_overruled_or_left_out_is_refused(arguments, told, capsys):
    assert cli.main(["worlds", *arguments]) == 1
    assert told in capsys.readouterr().err


def test_a_share_without_a_zero_is_a_number():
    assert _worlds_command.read_settings(["spurious=.9"]) == {"spurious": 0.9}


def test_a_sheet_may_lie_in_the_folder(tmp_path):
    out = tmp_path / "toys"
    size = ["--n", "2", "--size", "16"]
    arguments = ["worlds", "dspritesv", *size, "--out", str(out), "--sheet", str(out / "page.png")]
    assert cli.main(arguments) == 0
    assert (out / "page.png").is_file()


def test_nothing_is_written_when_the_folder_is_taken(tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("")
    where = ["--out", str(tmp_path / "taken"), "--sheet", str(tmp_path / "page.png")]
    assert cli.main(["worlds", "dspritesv", "--n", "2", *where]) == 1
    assert not (tmp_path / "page.png").exists()


def test_a_reader_that_goes_away_gets_no_traceback():
    shell = f"{sys.executable} -c 'import sys; from vlmdiag_widgets.cli import main; "
    shell += """sys.exit(main(["worlds"]))' | head -n 1"""
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert done.stdout == "waterbirds\n"
    assert done.stderr == ""

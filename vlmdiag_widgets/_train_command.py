"""``vlmdiag train``: train one of the embedded encoders again, with other data or for longer."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vlmdiag_widgets._errors import InputError

if TYPE_CHECKING:
    from vlmdiag_widgets.training.settings import Settings

#: Encoders of images and texts, and networks that see images only.
WITH_TEXTS = ("demo", "demo-vit")
IMAGES_ONLY = ("demo-resnet", "demo-ssl", "demo-convnext")

#: File of what was asked for; a run that goes on need not be told again.
_ASKED = "command.json"
#: What may be asked for.
INPUTS = ("minutes", "steps", "images", "batch", "processes", "seed")


def prepare(
    name: str, out: Path, run: Path | None, *, resume: bool, **asked: Any
) -> tuple[Path, Path, dict[str, Any]]:
    """Return the folders of result and run, and what the run is told.

    Parameters
    ----------
    name : str
        One of `WITH_TEXTS` and `IMAGES_ONLY`.
    out, run : Path
        Folder of the result; folder of pictures and checkpoints (default: beside `out`).
    resume : bool
        Go on with a run that was begun in `run`.
    **asked
        minutes, steps, images, batch, processes, seed; None where nothing was asked.

    Raises
    ------
    InputError
        There is such a run already, or none to go on with, or it was told something else.
    """
    out = out.expanduser().absolute()
    run = (run or out.with_name(f"{out.name}-run")).expanduser().absolute()
    given = {key: value for key, value in asked.items() if value is not None}
    told = _told(run)
    if resume:
        told = _check_same(name, told, given, run)
        return out, run, {key: told[key] for key in INPUTS if key in told}
    if told is not None:
        raise InputError(
            f"A training run lies in {run} already.",
            "Go on with it by --resume, or name other folders with --out and --run.",
        )
    _check_free(out)
    if run == out or out in run.parents:
        raise InputError(f"--run lies in --out, {out}.", "Name two folders.")
    _check_numbers(name, given)
    if name in WITH_TEXTS:
        _settings(name, out, run, given)  # refused before anything is made
    run.mkdir(parents=True, exist_ok=True)
    (run / _ASKED).write_text(json.dumps({"name": name, **given}, indent=1), encoding="utf-8")
    return out, run, given


def train(name: str, out: Path, run: Path, told: dict[str, Any]) -> bool:
    """Train; return whether the run is finished. Ctrl-C stops it where it can go on.

    Raises
    ------
    InputError
        Numbers that cannot be trained with.
    WeightsError
        Something cannot be written, or a checkpoint is damaged.
    """
    if name in WITH_TEXTS:
        return _train_with_texts(name, out, run, told)
    return _train_images_only(name, out, run, told)


def evaluate(out: Path, scale: float) -> int:
    """Measure the result on pictures of new seeds, as the embedded encoders are; return status."""
    module = "vlmdiag_widgets.training.evaluation"
    command = [sys.executable, "-m", module, "--encoder", str(out), "--out", str(out / "measured")]
    return subprocess.run([*command, "--scale", str(scale)], check=False).returncode  # noqa: S603


def what_next(out: Path) -> Iterator[str]:
    """Yield how the result is used."""
    yield f"{out}: {sum(file.stat().st_size for file in out.iterdir()) / 1e6:.1f} MB"
    yield "In Python:"
    yield "    import vlmdiag_widgets as vd"
    yield f"    encoder = vd.load_encoder({str(out)!r})"


# -- the two kinds ---------------------------------------------------------------


def _train_with_texts(name: str, out: Path, run: Path, told: dict[str, Any]) -> bool:
    from vlmdiag_widgets.training.train_clip import train as train_clip

    return train_clip(_settings(name, out, run, told))


def _settings(name: str, out: Path, run: Path, told: dict[str, Any]) -> Settings:
    from vlmdiag_widgets.training.settings import recipe

    names = {"steps": "max_steps"}
    return recipe(name, run, out, **{names.get(key, key): value for key, value in told.items()})


def _train_images_only(name: str, out: Path, run: Path, told: dict[str, Any]) -> bool:
    import torch

    from vlmdiag_widgets.training.train_vision import Settings
    from vlmdiag_widgets.training.train_vision import train as train_vision

    settings = Settings(name=f"{name}@1", pictures=str(run), out=str(out), **told)
    threads = torch.get_num_threads()
    try:
        train_vision(settings)
    except KeyboardInterrupt:
        return False
    finally:
        torch.set_num_threads(threads)
    return True


# -- checks ----------------------------------------------------------------------


def _told(run: Path) -> dict[str, Any] | None:
    """Return what a run was told, or None where there is no run."""
    path = run / _ASKED
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read.", "Delete the folder to begin again.") from error
    return told if isinstance(told, dict) else {}


def _check_same(
    name: str, told: dict[str, Any] | None, given: dict[str, Any], run: Path
) -> dict[str, Any]:
    if told is None:
        raise InputError(f"There is no training run in {run}.", "Leave --resume out to begin one.")
    for key, value in {"name": name, **given}.items():
        if told.get(key) != value:
            before = f"with {key} {told[key]!r}" if key in told else f"without {key}"
            raise InputError(
                f"The run in {run} was begun {before}, now it is {value!r}.",
                "Go on with it as it was begun, or begin another with other folders.",
            )
    return told


def _check_free(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is there already.", "Name another folder with --out.")


def _check_numbers(name: str, given: dict[str, Any]) -> None:
    if "steps" in given and name not in WITH_TEXTS:
        raise InputError(f"{name} is trained for a time, not for steps.", "Use --minutes.")
    for key, value in given.items():
        least = 0 if key in ("minutes", "seed") else 1
        # Every comparison with "not a number" is false.
        if not least <= value < math.inf or (key == "minutes" and value == 0):
            raise InputError(f"--{key} is {value!r}.", f"Give more than {max(0, least - 1)}.")

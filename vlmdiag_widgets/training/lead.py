"""What process 0 of a training run does between the steps: reports, saves, exports."""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from vlmdiag_widgets._progress import Cancelled, ProgressFn
from vlmdiag_widgets.training import corpus
from vlmdiag_widgets.training.checkpoint import WRITE_ERRORS, State, cannot_write, save
from vlmdiag_widgets.training.export_demo import export, write_json
from vlmdiag_widgets.training.run_log import Line, append_json, machine
from vlmdiag_widgets.training.trainer import Trainer


class Lead:
    """What process 0 does between the steps: reports, saves, exports."""

    def __init__(self, trainer: Trainer, progress: ProgressFn, line: Line) -> None:
        self.trainer, self.progress = trainer, progress
        self.settings = trainer.settings
        self.line, self.path = line, self.settings.run / "log.jsonl"
        self.began, self.first = trainer.spent, trainer.step

    def run(self) -> None:
        """Train; save at the end, however it ends."""
        trainer = self.trainer
        loss = math.nan
        try:
            for loss in trainer.steps():
                self._report(loss)
                if trainer.spent - trainer.saved > 60 * self.settings.save_minutes:
                    self.save()
        finally:
            if trainer.step > self.first:
                self._log(loss)
            self.line.end()
        self.save()

    def _report(self, loss: float) -> None:
        trainer = self.trainer
        self.line.show(self._line(loss))
        if trainer.step <= 5 or trainer.step % 50 == 0:
            self._log(loss)
        try:
            if self.settings.max_steps is not None:
                self.progress(trainer.step, self.settings.max_steps)
            else:
                self.progress(int(trainer.spent), int(60 * self.settings.minutes))
        except Cancelled:
            trainer.ask_to_stop()

    @property
    def _speed(self) -> float:
        settings, trainer = self.settings, self.trainer
        done = (trainer.step - self.first) * settings.batch * settings.processes
        return done / max(trainer.spent - self.began, 1e-6)

    def _log(self, loss: float) -> None:
        trainer = self.trainer
        append_json(
            self.path,
            step=trainer.step,
            minutes=round(trainer.spent / 60, 3),
            loss=round(loss, 4),
            scale=round(float(trainer.model.logit_scale.detach().exp()), 2),
            rate=round(trainer.optimizer.param_groups[0]["lr"], 6),
            samples_per_second=round(self._speed, 1),
        )

    def _line(self, loss: float) -> str:
        trainer, settings = self.trainer, self.settings
        return (
            f"{settings.name}  {min(trainer.share, 1):4.0%}  {trainer.spent / 60:5.1f} min  "
            f"step {trainer.step}  loss {loss:.3f}  {self._speed:.0f} pictures/s"
        )

    def save(self) -> None:
        """Write the checkpoint, the encoder's folder and its card."""
        trainer, settings = self.trainer, self.settings
        state = trainer.model.state_dict()
        save(settings, State(trainer.step, trainer.spent, state, trainer.optimizer.state_dict()))
        out = Path(settings.out)
        try:
            export(state, trainer.known, trainer.words, out, settings.architecture)
            write_card(out / "card.json", settings.name, self.card())
        except WRITE_ERRORS as error:
            raise cannot_write(out / "open_clip_model.safetensors", error) from error
        trainer.saved = trainer.spent

    def card(self) -> dict[str, Any]:
        """Return what is known about this run so far."""
        trainer, settings = self.trainer, self.settings
        return {
            "settings": settings.told(),
            "steps": trainer.step,
            "samples": trainer.step * settings.batch * settings.processes,
            "minutes": round(trainer.spent / 60, 1),
            "finished": trainer.share >= 1,
            "parameters": {
                "image": sum(p.numel() for p in trainer.model.visual.parameters()),
                "text": sum(
                    p.numel()
                    for name, p in trainer.model.named_parameters()
                    if not name.startswith("visual.")
                ),
            },
            "machine": {**machine(), "device": device_name(trainer.device)},
            "versions": {name: version(name) for name in ("torch", "open_clip_torch")},
            "data": "rendered scenes; no photograph",
            "composition": dict(corpus.COMPOSITION),
            "captions": corpus.RULE,
        }


def device_name(device: torch.device) -> str:
    """Return what the run computed on."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return "processor only"


def write_card(path: Path, name: str, training: dict[str, Any]) -> None:
    """Write what training knows into the card; figures of other weights are dropped."""
    card = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    same = card.get("training", {}).get("steps") == training["steps"]
    kept = card if same and card.get("name") == name else {}
    write_json(path, {**kept, "name": name, "training": training})

"""Train one of the three vision-only networks on rendered pictures.

    python -m vlmdiag_widgets.training.train_vision demo-resnet@1 /tmp/pictures --minutes 6

Two are told the species of the animal; ``demo-ssl@1`` is told nothing and learns to find the other
view of the same picture (Chen et al. 2020, SimCLR, section 2). Time is the thread's own processor
time, so that a busy machine makes a run last longer and not worse; the learning rate follows the
share of it that is spent. A run that was stopped goes on where it last saved.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor, nn

from vlmdiag_widgets.encoders.vision_model import VisionModel, build_vision_model
from vlmdiag_widgets.training.architecture_vision import NETWORKS, vision_config
from vlmdiag_widgets.training.export_demo import write_json
from vlmdiag_widgets.training.export_vision import export_vision, vision_folder
from vlmdiag_widgets.training.vision_scenes import NOTHING, SPECIES, Drawn, draw_training
from vlmdiag_widgets.training.vision_views import as_floats, gentle_view, normalised, strong_view

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Settings:
    """What a training run is told; written into the model card."""

    name: str
    pictures: str
    out: str
    minutes: float = 6.0
    images: int = 72_000
    batch: int = 128
    processes: int = 2
    seed: int = 0
    rate: float = 2e-3
    weight_decay: float = 0.05
    warm_up: int = 100
    smoothing: float = 0.05
    temperature: float = 0.2
    groups: int = 64
    groups_at_once: int = 4
    save_minutes: float = 2.0
    bf16: bool = True


class Projector(nn.Sequential):
    """The layers between SimCLR's feature and its loss; thrown away after training."""

    def __init__(self, dim: int) -> None:
        hidden = 2 * dim
        super().__init__(
            nn.Linear(dim, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, 128),
        )


def contrastive_loss(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Return how badly each view (n, d) finds its partner among all 2n - 1 others."""
    both = nn.functional.normalize(torch.cat([first, second]), dim=-1)
    logits = both @ both.T / temperature
    logits = logits.masked_fill(torch.eye(len(both), dtype=torch.bool), -torch.inf)
    partner = torch.arange(len(both)).roll(len(first))
    return nn.functional.cross_entropy(logits, partner)


def alike(pixels: NDArray[np.uint8], groups: int, seed: int) -> NDArray[np.int64]:
    """Return a group number for each picture: the upper thirds of one group look alike.

    Things stand lower, so among pictures of one group a view is told from the others by what
    stands there, not by the place and the light.
    """
    count, side = pixels.shape[:2]
    cell = side // 8
    upper = pixels[:, : 3 * cell].reshape(count, 3, cell, 8, cell, 3)
    coarse = upper.mean(axis=(2, 4), dtype=np.float32).reshape(count, -1)
    means = MiniBatchKMeans(min(groups, count), random_state=seed, n_init=1, batch_size=4096)
    return np.asarray(means.fit_predict(coarse), np.int64)


def grouped_order(groups: NDArray[np.int64], block: int, random: torch.Generator) -> Tensor:
    """Return one epoch's rows: blocks of one group each, in random order."""
    order = torch.randperm(len(groups), generator=random).numpy()
    by_group = order[np.argsort(groups[order], kind="stable")]
    blocks = torch.from_numpy(by_group[: len(by_group) // block * block]).view(-1, block)
    return blocks[torch.randperm(len(blocks), generator=random)].flatten()


def learning_rate(settings: Settings, step: int, share: float) -> float:
    """Return the rate: a linear start, then a cosine over the spent share of the time."""
    start = min((step + 1) / settings.warm_up, 1.0)
    return settings.rate * start * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))


def make_optimizer(parts: nn.Module, settings: Settings) -> torch.optim.AdamW:
    """Return AdamW that decays matrices only, not norms and biases."""
    values = list(parts.parameters())
    groups: list[dict[str, Any]] = [
        {"params": [value for value in values if value.ndim >= 2]},
        {"params": [value for value in values if value.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.rate, weight_decay=settings.weight_decay)


class Trainer:
    """One training run in one thread."""

    def __init__(self, settings: Settings, drawn: Drawn) -> None:
        self.settings = settings
        self.config = vision_config(settings.name, SPECIES)
        self.labelled = bool(NETWORKS[settings.name]["labels"])
        self.pixels = torch.from_numpy(drawn.pixels)
        self.species = torch.from_numpy(drawn.labels[:, 0])
        # Labels are all that the supervised networks see of a picture's kind.
        usable = drawn.labels[:, 0] != NOTHING if self.labelled else np.ones(len(drawn), bool)
        self.rows = torch.from_numpy(np.flatnonzero(usable))
        if not self.labelled:
            self.groups = alike(drawn.pixels, settings.groups, settings.seed)
        self._build()
        self.random = torch.Generator().manual_seed(settings.seed)
        self.step, self.spent, self.saved = 0, 0.0, 0.0
        self.order = torch.empty(0, dtype=torch.int64)
        self._resume()

    def _build(self) -> None:
        torch.manual_seed(self.settings.seed)
        self.model: VisionModel = build_vision_model(self.config)
        self.model.to(memory_format=torch.channels_last)
        self.projector = nn.Identity() if self.labelled else Projector(self.config["embed_dim"])
        self.parts = nn.ModuleList([self.model, self.projector]).train()
        self.optimizer = make_optimizer(self.parts, self.settings)

    @property
    def checkpoint(self) -> Path:
        """Where the run is saved."""
        return Path(self.settings.pictures) / f"{self.settings.name.replace('@', '')}.pt"

    def _resume(self) -> None:
        if not self.checkpoint.is_file():
            return
        saved = torch.load(self.checkpoint, weights_only=True)
        self.parts.load_state_dict(saved["parts"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step, self.spent = saved["step"], saved["spent"]
        self.saved = self.spent
        self.random.manual_seed(self.settings.seed + self.step)

    def run(self) -> None:
        """Train until the time is spent; export and write the card."""
        budget = 60 * self.settings.minutes
        while self.spent < budget:
            began = time.process_time()
            loss = self._one_step(self.spent / budget)
            self.spent += time.process_time() - began
            self.step += 1
            self._report(loss)
            if self.spent - self.saved > 60 * self.settings.save_minutes:
                self._save()
        self._save()
        write_json(Path(self.settings.out) / "card.json", self._card())

    def _next_rows(self) -> Tensor:
        batch = min(self.settings.batch, len(self.rows))
        if len(self.order) < batch:
            self.order = self.rows[self._epoch(batch)]
        chosen, self.order = self.order[:batch], self.order[batch:]
        return chosen

    def _epoch(self, batch: int) -> Tensor:
        if self.labelled:
            return torch.randperm(len(self.rows), generator=self.random)
        return grouped_order(self.groups, batch // self.settings.groups_at_once, self.random)

    def _one_step(self, share: float) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.settings, self.step, share)
        rows = self._next_rows()
        images = as_floats(self.pixels[rows])
        loss = self._told(images, rows) if self.labelled else self._untold(images)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.parts.parameters(), 1.0)
        self.optimizer.step()
        return float(loss.detach())

    def _told(self, images: Tensor, rows: Tensor) -> Tensor:
        seen = normalised(gentle_view(images, self.random))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.bf16):
            _, logits = self.model(seen)
        return nn.functional.cross_entropy(
            logits.float(), self.species[rows], label_smoothing=self.settings.smoothing
        )

    def _untold(self, images: Tensor) -> Tensor:
        views = torch.cat([strong_view(images, self.random), strong_view(images, self.random)])
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.bf16):
            features = self.model.encode_image(normalised(views))
        first, second = self.projector(features.float()).chunk(2)
        return contrastive_loss(first, second, self.settings.temperature)

    def _report(self, loss: float) -> None:
        if self.step % 50 and self.step > 3:
            return
        seen = self.step * self.settings.batch
        line = {"step": self.step, "minutes": round(self.spent / 60, 2), "loss": round(loss, 4)}
        print(json.dumps(line | {"rate": round(seen / max(self.spent, 1), 1)}), flush=True)

    def _save(self) -> None:
        partial = self.checkpoint.with_suffix(".partial")
        saved = {"parts": self.parts.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save({**saved, "step": self.step, "spent": self.spent}, partial)
        partial.rename(self.checkpoint)
        self.saved = self.spent
        export_vision(self.model.network.state_dict(), self.config, Path(self.settings.out))

    def _card(self) -> dict[str, Any]:
        hidden = ("pictures", "out", "name")
        told = "the species of the animal" if self.labelled else "nothing: no labels (SimCLR)"
        return {
            "name": self.settings.name,
            "data": {
                "training": "rendered pictures: animals in drawn places, 64 pixels a side"
                + ("" if self.labelled else "; empty places; coloured shapes"),
                "pictures": len(self.rows),
                "told": told,
                "artwork": "noto",
            },
            "training": {
                "settings": {k: v for k, v in asdict(self.settings).items() if k not in hidden},
                "seed": self.settings.seed,
                "steps": self.step,
                "samples": self.step * min(self.settings.batch, len(self.rows)),
                "processor_minutes": round(self.spent / 60, 1),
                "machine": f"{os.cpu_count()} processor cores, no accelerator; one thread",
                "versions": {
                    "torch": torch.__version__,
                    "timm": version("timm"),
                    "numpy": np.__version__,
                },
            },
            "limits": "It knows the drawn world only and says nothing about photographs.",
        }


def train(settings: Settings) -> None:
    """Draw the pictures if they are not there yet, then train."""
    torch.set_num_threads(1)
    drawn = draw_training(
        Path(settings.pictures), settings.seed, settings.images, settings.processes
    )
    Trainer(settings, drawn).run()


def main() -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=tuple(NETWORKS))
    parser.add_argument("pictures", type=Path, help="folder for drawn pictures and checkpoints")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--images", type=int, default=72_000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--processes", type=int, default=2, help="that draw")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    given = vars(parser.parse_args())
    out = given.pop("out") or vision_folder(given["name"])
    pictures = given.pop("pictures").resolve()
    train(Settings(pictures=str(pictures), out=str(out), **given))


if __name__ == "__main__":
    main()

"""Train the demo encoder ``demo@0`` on rendered scenes.

    python -m vlmdiag_widgets.training.train_demo /tmp/corpus --minutes 50 --out assets/demo0

The loss is CLIP's, both ways, against a target that is uniform over all pairs of the batch that
are true (a caption such as "a bird" is true of many pictures). The learning rate follows the
share of the time budget that is spent, so that a busy machine shortens the training and does not
spoil its schedule.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.multiprocessing.spawn import spawn

from vlmdiag_widgets.training.architecture import build, text_features
from vlmdiag_widgets.training.corpus import truth
from vlmdiag_widgets.training.export_demo import DEMO_FOLDER, export, write_json
from vlmdiag_widgets.training.prepare import prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from open_clip.model import CLIP


@dataclass(frozen=True)
class Settings:
    """What a training run is told; written into the model card."""

    corpus: str
    out: str
    minutes: float = 50.0
    images: int = 130_000
    batch: int = 256
    processes: int = 2
    seed: int = 0
    rate: float = 2e-3
    weight_decay: float = 0.05
    warm_up: int = 150
    unknown: float = 0.2
    shift: int = 3
    bf16: bool = True
    export_minutes: list[float] = field(default_factory=lambda: [3.0, 8.0, 20.0, 35.0])


class Corpus:
    """The prepared arrays of one part: pixels, attributes, captions."""

    def __init__(self, folder: Path, part: int) -> None:
        self.pixels = np.load(folder / f"pixels{part}.npy", mmap_mode="r")
        with np.load(folder / f"captions{part}.npz") as stored:
            self.codes, self.rows, self.bits = stored["codes"], stored["rows"], stored["bits"]
        self.tokens = np.load(folder / f"tokens{part}.npy")

    def __len__(self) -> int:
        return len(self.codes)


def batches(count: int, batch: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return one epoch's shuffled rows (batches, batch)."""
    order = rng.permutation(count)
    whole = count // batch * batch
    return np.sort(order[:whole].reshape(-1, batch), axis=1)


def jitter(pixels: NDArray[np.uint8], shift: int, rng: np.random.Generator) -> Tensor:
    """Return the pictures moved by up to `shift` pixels and relit, as -1..1 (n, 3, h, w)."""
    count, side = pixels.shape[:2]
    steps = np.arange(side)[None, :]
    rows = np.clip(steps + rng.integers(-shift, shift + 1, (count, 1)), 0, side - 1)
    columns = np.clip(steps + rng.integers(-shift, shift + 1, (count, 1)), 0, side - 1)
    moved = pixels[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]
    images = torch.from_numpy(moved).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    gain = torch.from_numpy(rng.uniform(0.85, 1.15, (count, 1, 1, 1)).astype(np.float32))
    lift = torch.from_numpy(rng.uniform(-0.1, 0.1, (count, 1, 1, 1)).astype(np.float32))
    return images.mul_(gain).add_(lift).clamp_(-1, 1)


def hide_words(
    tokens: NDArray[np.int64], share: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Put one or two unknown tokens into a share of the captions, so that they act as filler."""
    tokens = tokens.copy()
    for row in np.flatnonzero(rng.random(len(tokens)) < share):
        for _ in range(int(rng.integers(1, 3))):
            end = int(tokens[row].argmax())
            if end >= tokens.shape[1] - 1:
                break
            place = int(rng.integers(1, end + 1))
            tokens[row, place + 1 : end + 2] = tokens[row, place : end + 1]
            tokens[row, place] = 0
    return tokens


def soft_loss(images: Tensor, texts: Tensor, scale: Tensor, true: Tensor) -> Tensor:
    """Return the mean cross-entropy both ways against all true pairs (n, n), its diagonal true."""
    logits = (
        scale.exp()
        * nn.functional.normalize(images, dim=-1)
        @ nn.functional.normalize(texts, dim=-1).T
    )
    by_image = true / true.sum(dim=1, keepdim=True).clamp(min=1)
    by_text = (true / true.sum(dim=0, keepdim=True).clamp(min=1)).T
    return (
        nn.functional.cross_entropy(logits, by_image)
        + nn.functional.cross_entropy(logits.T, by_text)
    ) / 2


def make_optimizer(model: CLIP, settings: Settings) -> torch.optim.AdamW:
    """Return AdamW that decays matrices only, not norms, biases, embeddings or the scale."""
    decayed: list[Tensor] = []
    free: list[Tensor] = []
    for name, value in model.named_parameters():
        embedding = "embedding" in name or name == "logit_scale"
        (free if value.ndim < 2 or embedding else decayed).append(value)
    groups: list[dict[str, Any]] = [{"params": decayed}, {"params": free, "weight_decay": 0.0}]
    return torch.optim.AdamW(
        groups, lr=settings.rate, betas=(0.9, 0.98), weight_decay=settings.weight_decay
    )


def learning_rate(settings: Settings, step: int, share: float) -> float:
    """Return the rate: a linear start, then a cosine over the spent share of the time."""
    start = min((step + 1) / settings.warm_up, 1.0)
    return settings.rate * start * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))


def share_gradients(model: CLIP, spent: float, processes: int) -> float:
    """Average the gradients over the processes; return the average of `spent` too."""
    if processes == 1:
        return spent
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([g.reshape(-1) for g in grads] + [torch.tensor([spent])])
    dist.all_reduce(flat)
    flat /= processes
    start = 0
    for grad in grads:
        grad.copy_(flat[start : start + grad.numel()].view_as(grad))
        start += grad.numel()
    return float(flat[-1])


class Trainer:
    """One process of a training run."""

    def __init__(self, settings: Settings, rank: int) -> None:
        self.settings, self.rank = settings, rank
        folder = Path(settings.corpus)
        self.corpus = Corpus(folder, rank)
        self.known = np.load(folder / "known.npy")
        self.words = json.loads((folder / "words.json").read_text())
        torch.manual_seed(settings.seed)
        self.model = build(len(self.known) + 1).to(memory_format=torch.channels_last)
        self.optimizer = make_optimizer(self.model, settings)
        self.rng = np.random.default_rng([settings.seed, rank, 99])
        self.step, self.spent = 0, 0.0
        self.exports = sorted(settings.export_minutes)
        self.history: list[dict[str, float]] = []
        self._resume()

    def _resume(self) -> None:
        path = Path(self.settings.corpus) / "checkpoint.pt"
        if not path.is_file():
            return
        saved = torch.load(path, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step, self.spent = saved["step"], saved["spent"]
        self.rng = np.random.default_rng([self.settings.seed, self.rank, 99, self.step])
        self.exports = [minute for minute in self.exports if minute * 60 > self.spent]

    def _save(self) -> None:
        path = Path(self.settings.corpus) / "checkpoint.pt"
        saved = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save({**saved, "step": self.step, "spent": self.spent}, path.with_suffix(".partial"))
        path.with_suffix(".partial").rename(path)
        export(self.model.state_dict(), self.known, self.words, Path(self.settings.out))
        write_json(Path(self.settings.out) / "card.json", self.card())

    def card(self) -> dict[str, object]:
        """Return what is known about this run so far."""
        told = {k: v for k, v in asdict(self.settings).items() if k not in ("corpus", "out")}
        return {
            "name": "demo@0",
            "data": "rendered scenes: birds and other animals in drawn places, coloured shapes",
            "settings": told,
            "steps": self.step,
            "samples": self.step * self.settings.batch * self.settings.processes,
            "minutes": round(self.spent / 60, 1),
            "finished": self.spent >= self.settings.minutes * 60,
            "machine": f"{os.cpu_count()} processor cores, no accelerator",
            "torch": torch.__version__,
        }

    def run(self) -> None:
        """Train until the time is spent."""
        budget = self.settings.minutes * 60
        mark = time.perf_counter()
        while self.spent < budget:
            for rows in batches(len(self.corpus), self.settings.batch, self.rng):
                loss = self._one_step(rows, self.spent / budget)
                now = time.perf_counter()
                self.spent, mark = self._agree(self.spent + now - mark), now
                self.step += 1
                self._report(loss)
                if self.spent >= budget:
                    break
        if self.rank == 0:
            self._save()

    def _agree(self, spent: float) -> float:
        if self.settings.processes == 1:
            return spent
        shared = torch.tensor([spent])
        dist.broadcast(shared, 0)
        return float(shared)

    def _one_step(self, rows: NDArray[np.int64], share: float) -> float:
        data, settings = self.corpus, self.settings
        images = jitter(np.asarray(data.pixels[rows]), settings.shift, self.rng)
        images = images.contiguous(memory_format=torch.channels_last)
        chosen = data.rows[rows, self.rng.integers(data.rows.shape[1], size=len(rows))]
        tokens = hide_words(data.tokens[chosen], settings.unknown, self.rng)
        tokens = tokens[:, : int(tokens.argmax(axis=1).max()) + 1]
        true = torch.from_numpy(truth(data.codes[rows], data.bits[chosen])).float()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(settings, self.step, share)
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.bf16):
            seen = self.model.visual(images)
        said = text_features(self.model, torch.from_numpy(tokens))
        loss = soft_loss(seen.float(), said, self.model.logit_scale, true)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        share_gradients(self.model, self.spent, settings.processes)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        with torch.no_grad():
            self.model.logit_scale.clamp_(max=math.log(100))
        return float(loss.detach())

    def _report(self, loss: float) -> None:
        if self.rank or (self.step % 50 and self.step > 5):
            return
        scale = float(self.model.logit_scale.detach().exp())
        samples = self.step * self.settings.batch * self.settings.processes
        line = {"step": self.step, "minutes": round(self.spent / 60, 2), "loss": round(loss, 4)}
        line |= {"scale": round(scale, 2), "rate": round(samples / max(self.spent, 1), 1)}
        print(json.dumps(line), flush=True)
        if self.exports and self.spent >= 60 * self.exports[0]:
            self.exports.pop(0)
            self._save()


def work(rank: int, settings: Settings) -> None:
    """Run one process."""
    torch.set_num_threads(1)
    if settings.processes > 1:
        meeting = f"file://{settings.corpus}/meeting"
        dist.init_process_group("gloo", meeting, rank=rank, world_size=settings.processes)
    Trainer(settings, rank).run()
    if settings.processes > 1:
        dist.destroy_process_group()


def train(settings: Settings) -> None:
    """Draw the scenes if they are not there yet, then train in so many processes."""
    folder = Path(settings.corpus)
    prepare(folder, settings.seed, settings.images, settings.processes)
    (folder / "meeting").unlink(missing_ok=True)
    if settings.processes == 1:
        work(0, settings)
    else:
        spawn(work, args=(settings,), nprocs=settings.processes)  # type: ignore[no-untyped-call]


def main() -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="folder for drawn scenes and checkpoints")
    parser.add_argument("--out", type=Path, default=DEMO_FOLDER)
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--images", type=int, default=130_000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    options = {name: value for name, value in vars(given).items() if name not in ("corpus", "out")}
    train(Settings(corpus=str(given.corpus.resolve()), out=str(given.out), **options))


if __name__ == "__main__":
    main()

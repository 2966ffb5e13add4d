"""One process of a training run: its model, its steps."""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from vlmdiag_widgets.training.architecture import build, drop_patches, text_features
from vlmdiag_widgets.training.batches import Batch, Corpus, epochs
from vlmdiag_widgets.training.checkpoint import load
from vlmdiag_widgets.training.clip_loss import learning_rate, soft_loss
from vlmdiag_widgets.training.export_demo import full_state
from vlmdiag_widgets.training.prepare import MANIFEST
from vlmdiag_widgets.training.processes import share_gradients
from vlmdiag_widgets.training.settings import Settings

if TYPE_CHECKING:
    from open_clip.model import CLIP

#: Captions are computed in so many groups of like length: a quarter less time on processors.
TEXT_PIECES = 4


def make_optimizer(model: CLIP, settings: Settings) -> torch.optim.AdamW:
    """Return AdamW that decays matrices only, not norms, biases, embeddings or the scale."""
    decayed: list[Tensor] = []
    free: list[Tensor] = []
    for name, value in model.named_parameters():
        embedding = "embedding" in name or name == "logit_scale"
        (free if value.ndim < 2 or embedding else decayed).append(value)
    groups: list[dict[str, Any]] = [{"params": decayed}, {"params": free, "weight_decay": 0.0}]
    return torch.optim.AdamW(
        groups,
        lr=settings.rate,
        betas=(0.9, 0.98),
        weight_decay=settings.weight_decay,
        fused=True,
    )


def new_model(settings: Settings) -> CLIP:
    """Return the run's model before its first step, with the tokens of its corpus only."""
    known = np.load(Path(settings.corpus) / "known.npy")
    torch.manual_seed(settings.seed)
    return build(len(known) + 1, settings.architecture)


def initial_model(settings: Settings) -> CLIP:
    """Return the run's model before its first step, for all tokens and in evaluation mode.

    The modality gap is measured on it, to tell what training adds to the gap that a new model has
    (Liang et al. 2022, Mind the gap, section 2).

    Raises
    ------
    FileNotFoundError
        If the scenes are not drawn yet.
    """
    known = np.load(Path(settings.corpus) / "known.npy")
    state = full_state(new_model(settings).state_dict(), known)
    model = build(len(state["token_embedding.weight"]), settings.architecture)
    model.load_state_dict(state)
    return model.eval()


class Trainer:
    """One process of a training run; process 0 keeps the time, saves and reports."""

    def __init__(self, settings: Settings, rank: int) -> None:
        self.settings, self.rank = settings, rank
        folder = Path(settings.corpus)
        parts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["parts"]
        self.corpus = Corpus(folder, range(rank, parts, settings.processes))
        self.known = np.load(folder / "known.npy")
        self.words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        self.device = torch.device(settings.device)
        self.model = new_model(settings).to(self.device, memory_format=torch.channels_last)
        self.optimizer = make_optimizer(self.model, settings)
        self.step, self.spent = 0, 0.0
        self.wish = self.stop = False
        self._resume()
        self.rng = np.random.default_rng([settings.seed, rank, 99, self.step])
        torch.manual_seed(settings.seed + 1_000_003 * self.step + rank)
        self.saved, self.mark = self.spent, time.perf_counter()

    def _resume(self) -> None:
        state = load(self.settings)
        if state is not None:
            self.model.load_state_dict(state.model)
            self.optimizer.load_state_dict(state.optimizer)
            self.step, self.spent = state.step, state.spent

    @property
    def share(self) -> float:
        """The share of the budget that is spent."""
        if self.settings.max_steps is not None:
            return self.step / self.settings.max_steps
        return self.spent / (60 * self.settings.minutes)

    def ask_to_stop(self) -> None:
        """Let all processes stop after the present step."""
        self.wish = True

    def steps(self) -> Iterator[float]:
        """Take steps until the budget is spent or the run is stopped; yield each one's loss."""
        for rows in epochs(len(self.corpus), self.settings.batch, self.rng):
            if self.share >= 1 or self.stop:
                return
            batch = self.corpus.batch(
                rows, self.rng, shift=self.settings.shift, unknown=self.settings.unknown
            )
            yield self._one_step(batch)

    def _one_step(self, batch: Batch) -> float:
        settings = self.settings
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(settings, self.step, self.share)
        if settings.patch_dropout:
            hidden = settings.patch_dropout if self.share < settings.whole_from else 0.0
            drop_patches(self.model, hidden)
        loss = self._loss(batch)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._agree()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip)
        self.optimizer.step()
        with torch.no_grad():
            self.model.logit_scale.clamp_(max=math.log(100))
        self.step += 1
        return float(loss.detach())

    def _loss(self, batch: Batch) -> Tensor:
        images = batch.images.to(self.device, memory_format=torch.channels_last)
        kind = self.device.type
        pieces = TEXT_PIECES if kind == "cpu" else 1
        # On processors the fused attention's backward pass takes four times as long.
        plain = sdpa_kernel(SDPBackend.MATH) if kind == "cpu" else contextlib.nullcontext()
        with plain, torch.autocast(kind, torch.bfloat16, enabled=self.settings.bf16):
            seen = self.model.visual(images)
            said = text_features(self.model, batch.tokens.to(self.device), pieces)
        true = batch.true.to(self.device)
        return soft_loss(seen.float(), said.float(), self.model.logit_scale, true)

    def _agree(self) -> None:
        """Share the gradients; all processes take process 0's time and its wish to stop."""
        now = time.perf_counter()
        told = [self.spent + now - self.mark, float(self.wish)] if self.rank == 0 else [0.0, 0.0]
        self.mark = now
        self.spent, stop = share_gradients(self.model, told, self.settings.processes)
        self.stop = stop > 0

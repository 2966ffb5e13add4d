"""Where the classifier looks in one image: the instant gradient preview."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.audit.classifier import Predictions, evaluating, probabilities
from vlmdiag_widgets.audit.linear import weights_of
from vlmdiag_widgets.audit.vectors import unit


@dataclass(frozen=True)
class SaliencyResult:
    """A map of what moved the score of one class on one image.

    Attributes
    ----------
    row : int
        The image.
    target : str
        The class whose lead over the best other class is explained.
    method : str
    map : float32 (gh, gw)
        Non-negative, sum 1; all 0 without a signal.
    signal : bool
        False when nothing in the image moves the score.
    seconds : float
    """

    row: int
    target: str
    method: str
    map: npt.NDArray[np.float32]
    signal: bool
    seconds: float


def explain(  # noqa: PLR0917 - image, model and question, all needed
    dataset: Any,
    encoder: Any,
    classifier: Any,
    classes: Sequence[str],
    row: int,
    target: str | None,
) -> SaliencyResult:
    """Explain image `row` for class `target`, by default the predicted one.

    Raises
    ------
    InputError
        Where there are no pixels, no encoder, or no classifier with gradients.
    """
    import torch

    from vlmdiag_widgets.diagnosis import gradient_preview

    _check(dataset, encoder, classifier)
    started = time.perf_counter()
    pixels = encoder.preprocess(dataset.open(row, encoder.image_size))[None].to(encoder.device)
    lock = getattr(encoder, "lock", None) or contextlib.nullcontext()
    # The job this may run inside of can be in inference mode, where no gradient is kept.
    with lock, evaluating(classifier), torch.inference_mode(mode=False), torch.enable_grad():
        target = target or _predicted(encoder, classifier, classes, pixels)
        score = _Lead(classifier, classes, target)
        preview = gradient_preview(encoder.visual, pixels, score)
    return SaliencyResult(
        row=int(row),
        target=target,
        method="gradient preview",
        map=np.asarray(preview.maps[0], dtype=np.float32),
        signal=bool(preview.signal[0]),
        seconds=time.perf_counter() - started,
    )


def _check(dataset: Any, encoder: Any, classifier: Any) -> None:
    if dataset is None:
        raise InputError(
            "This audit has embeddings but no images to look into.", "Pass dataset=, too."
        )
    if encoder is None or not hasattr(encoder, "visual"):
        raise InputError(
            "Without the encoder of the images nothing can be traced back to pixels.",
            "Pass encoder=, made by load_encoder.",
        )
    if isinstance(classifier, Predictions):
        raise InputError(
            "There are predictions but no classifier, so nothing can be traced back to pixels.",
            'Use classifier="probe", "zero-shot" or a fitted linear estimator.',
        )


def _predicted(encoder: Any, classifier: Any, classes: Sequence[str], pixels: Any) -> str:
    import torch

    with torch.no_grad():
        features = encoder.image_features(pixels).float().cpu().numpy()
    return str(classes[int(probabilities(classifier, unit(features), classes)[0].argmax())])


class _Lead:
    """Logit of a class minus the best other logit: it has a slope where softmax saturates."""

    def __init__(self, classifier: Any, classes: Sequence[str], target: str) -> None:
        known = [str(name) for name in getattr(classifier, "classes_", classes)]
        if target not in known:
            raise InputError(f"The classifier does not know {target!r}.")
        self._target = known.index(target)
        self._logits = _logits_of(classifier)

    def __call__(self, features: Any) -> Any:
        """Return the lead (n,) for features (n, d)."""
        logits = self._logits(features / features.norm(dim=1, keepdim=True).clamp_min(1e-12))
        others = [i for i in range(logits.shape[1]) if i != self._target]
        return logits[:, self._target] - logits[:, others].amax(dim=1)


def _logits_of(classifier: Any) -> Any:
    import torch

    if isinstance(classifier, torch.nn.Module):
        weights = next((p for p in classifier.parameters() if p.is_floating_point()), None)
        return lambda rows: classifier(rows if weights is None else rows.to(weights)).float()
    found = weights_of(classifier)
    if found is None:
        raise InputError(
            f"A {type(classifier).__name__} has no gradient to follow.",
            "Use a linear classifier or a torch module.",
        )
    w, b = (torch.from_numpy(part.astype(np.float32)) for part in found)
    return lambda rows: rows.float() @ w.to(rows.device).T + b.to(rows.device)

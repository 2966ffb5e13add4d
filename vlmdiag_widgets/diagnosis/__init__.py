"""Diagnoses: pure functions and estimators on arrays; no widget, no model loading."""

from vlmdiag_widgets.diagnosis.failure_directions import Direction, FailureDirections
from vlmdiag_widgets.diagnosis.influence import Influence, attribute_influence
from vlmdiag_widgets.diagnosis.modality_gap import GapStatistics, Statistic, modality_gap
from vlmdiag_widgets.diagnosis.preview import Preview, gradient_preview
from vlmdiag_widgets.diagnosis.probe import LinearProbe
from vlmdiag_widgets.diagnosis.projection import Projection, pca_project
from vlmdiag_widgets.diagnosis.shapley import SampledShapley, sampled_shapley, shapley_values
from vlmdiag_widgets.diagnosis.slices import slice_scores
from vlmdiag_widgets.diagnosis.trust import Trust, trust_line
from vlmdiag_widgets.diagnosis.whitening import Whitening
from vlmdiag_widgets.diagnosis.wilson import wilson_interval
from vlmdiag_widgets.diagnosis.zero_shot import ZeroShotClassifier

__all__ = [
    "Direction",
    "FailureDirections",
    "GapStatistics",
    "Influence",
    "LinearProbe",
    "Preview",
    "Projection",
    "SampledShapley",
    "Statistic",
    "Trust",
    "Whitening",
    "ZeroShotClassifier",
    "attribute_influence",
    "gradient_preview",
    "modality_gap",
    "pca_project",
    "sampled_shapley",
    "shapley_values",
    "slice_scores",
    "trust_line",
    "wilson_interval",
]

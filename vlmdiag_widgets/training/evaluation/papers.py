"""What the papers measured on CLIP and photographs, to stand beside the figures."""

from __future__ import annotations

#: Zhang et al. 2023, DrML, Table 1, CLIP on COCO: statistic → mean ± standard deviation.
GAP = {
    "magnitude, individual": "1.18 ± 0.03",
    "magnitude, class": "0.88 ± 0.04",
    "direction, individual": "0.70 ± 0.06",
    "direction, class": "0.94 ± 0.04",
    "orthogonality": "0.00 ± 0.06",
    "centre": "0.00 ± 0.02",
}

#: Zhang et al. 2023, DrML, Table 3, their full method on dSpritesV.
DSPRITESV = {"spearman": 0.7028, "pearson": 0.7918}

#: Zhang et al. 2023, DrML, Table 4: slice → (text, image).
WATERBIRDS = {
    "waterbird · land": (0.3258, 0.3233),
    "landbird · water": (0.7029, 0.6524),
    "waterbird · water": (0.9306, 0.9549),
    "landbird · land": (0.9957, 0.9979),
}

#: Zhang et al. 2023, DrML, Table 4, FairFace: image accuracy of the favoured group minus the
#: mean over the three others.
PORTRAITS_DIFFERENCE = 0.9597 - (0.8997 + 0.9446 + 0.9381) / 3

#: Zhang et al. 2023, DrML, Table 2, linear, micro F1: gap → (images, texts).
TRANSFER = {"open": (0.7276, 0.5642), "closed": (0.7280, 0.6554), "random": (0.0655, 0.0696)}

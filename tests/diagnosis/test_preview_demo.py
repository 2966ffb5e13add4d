"""The instant preview on the demo encoder: a coloured shape before a drawn place."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import ImageDraw

import vlmdiag_widgets as vd
from vlmdiag_widgets.datasets.worlds.places import PLACES, render_place
from vlmdiag_widgets.diagnosis import gradient_preview

INK = {
    "red": (226, 44, 44), "orange": (255, 145, 30), "green": (52, 178, 72), "blue": (52, 92, 232),
    "pink": (255, 130, 190), "yellow": (248, 222, 60), "purple": (150, 70, 205),
}  # fmt: skip
SHAPES = ("square", "circle", "triangle")
SIDE, SHAPE_SIDE = 256, 68


def place(rng):
    """One of the drawn places, square."""
    drawn = render_place(int(rng.integers(8)), PLACES[rng.integers(len(PLACES))], 0)[1]
    left = (drawn.width - drawn.height) // 2
    return drawn.crop((left, 0, left + drawn.height, drawn.height)).resize((SIDE, SIDE))


def with_shape(picture, color, shape, box):
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    if shape == "triangle":
        corners = [((box[0] + box[2]) / 2, box[1]), (box[2], box[3]), (box[0], box[3])]
        draw.polygon(corners, fill=INK[color])
    else:
        {"square": draw.rectangle, "circle": draw.ellipse}[shape](box, fill=INK[color])
    return picture


def lead_of(prompts, target):
    """Cosine to the colour's prompts minus the best other colour's."""

    def lead(features):
        cosines = features / features.norm(dim=1, keepdim=True) @ prompts.T
        others = cosines.clone()
        others[:, target] = -2
        return cosines[:, target] - others.amax(dim=1)

    return lead


@pytest.fixture(scope="module")
def scenes():
    """Scenes where the shape decides: with it, the lead holds before any place; without, never."""
    encoder, rng = vd.load_encoder("demo"), np.random.default_rng(0)
    texts = [f"a photo of a {color} {shape}." for color in INK for shape in SHAPES]
    vectors = torch.from_numpy(encoder.encode_texts(texts))
    prompts = (vectors / vectors.norm(dim=1, keepdim=True)).reshape(len(INK), len(SHAPES), -1)
    prompts = prompts.mean(dim=1)
    prompts = prompts / prompts.norm(dim=1, keepdim=True)
    kept = []
    for _ in range(80):
        color = int(rng.integers(len(INK)))
        left, top = (int(v) for v in rng.integers(0, SIDE - SHAPE_SIDE, 2))
        box = (left, top, left + SHAPE_SIDE, top + SHAPE_SIDE)
        places = [place(rng) for _ in range(4)]
        shape = SHAPES[rng.integers(3)]
        pictures = [with_shape(p, list(INK)[color], shape, box) for p in places] + places
        pixels = torch.stack([encoder.preprocess(picture) for picture in pictures])
        lead = lead_of(prompts, color)
        with torch.no_grad():
            values = lead(encoder.image_features(pixels))
        if values[:4].min() > 0 > values[4:].max():
            kept.append((pixels[0], box, lead))
    return encoder, kept


def mass_inside(cells, box):
    """Share of a map inside a box, cell by cell as far as they overlap."""
    edges = np.linspace(0, SIDE, len(cells) + 1)
    rows, columns = (
        np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None)
        for low, high in ((box[1], box[3]), (box[0], box[2]))
    )
    return float(rows @ cells @ columns / (cells.sum() * (SIDE / len(cells)) ** 2))


def edge_map(pixels):
    down = (pixels[:, 1:, :-1] - pixels[:, :-1, :-1]).abs()
    across = (pixels[:, :-1, 1:] - pixels[:, :-1, :-1]).abs()
    return torch.nn.functional.adaptive_avg_pool2d((down + across).sum(0)[None], 16)[0].numpy()


def test_most_of_the_mass_lies_on_the_shape_and_edges_fail(scenes):
    encoder, kept = scenes
    assert len(kept) >= 10
    ours, edges = [], []
    for pixels, box, lead in kept:
        preview = gradient_preview(encoder.visual, pixels[None], lead)
        ours.append(mass_inside(preview.maps[0], box))
        edges.append(mass_inside(edge_map(pixels), box))
    assert np.mean(ours) >= 0.6
    assert np.mean(edges) < 0.2
    assert np.mean(np.array(ours) > np.array(edges)) > 0.9

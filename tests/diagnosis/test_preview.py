"""The instant gradient preview, on images whose evidence is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from open_clip.modified_resnet import ModifiedResNet
from open_clip.transformer import VisionTransformer
from torch import nn

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import gradient_preview

BOX = (8, 32, 24, 48)  # top, left, bottom, right: a quarter of the side each
D = 32


def resnet():
    tower = ModifiedResNet([1, 1, 1, 1], D, 8, 64, 16)
    for name, parameter in tower.named_parameters():
        if name.endswith("bn3.weight"):  # starts at zero, which would switch the blocks off
            nn.init.ones_(parameter)
    return tower


def vit(side=64, **options):
    return VisionTransformer(side, 8, 48, 3, 4, 4.0, output_dim=D, **options)


def plain_cnn():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, D),
    )  # fmt: skip


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, D), nn.Tanh(), nn.Linear(D, D))


def timm_vit():
    import timm

    return timm.create_model(
        "vit_tiny_patch16_224", img_size=128, depth=3, num_classes=D, global_pool="avg"
    )


def timm_convnext():
    import timm

    return timm.create_model("convnext_atto", num_classes=D)


class Window(nn.Module):
    """Sees one rectangle; the score provably depends on nothing else."""

    def __init__(self, inner, box):
        super().__init__()
        self.inner, self.box = inner, box

    def forward(self, x):
        mask = torch.zeros_like(x[:1, :1])
        top, left, bottom, right = self.box
        mask[..., top:bottom, left:right] = 1
        return self.inner(x * mask)


class Crop(Window):
    """The same, enlarged: places inside the network are not places in the image."""

    def forward(self, x):
        top, left, bottom, right = self.box
        part = x[..., top:bottom, left:right]
        return self.inner(nn.functional.interpolate(part, size=x.shape[-2:], mode="bilinear"))


class Redness(nn.Module):
    """Counts how much redder than the other channels the pixels are, after two convolutions."""

    def __init__(self):
        super().__init__()
        self.smooth = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        self.mix = nn.Conv2d(3, 1, 1)
        with torch.no_grad():
            self.smooth.weight.zero_()
            for channel in range(3):
                self.smooth.weight[channel, channel] = 1 / 9
            self.mix.weight.copy_(torch.tensor([1.0, -0.5, -0.5]).reshape(1, 3, 1, 1))
            self.mix.bias.fill_(-0.3)

    def forward(self, x):
        return torch.relu(self.mix(self.smooth(x))).mean(dim=(2, 3))


def clutter(n, side=64, seed=0):
    """Grey checks and stripes of high contrast."""
    rng = np.random.default_rng(seed)
    blocks = rng.choice([-1.0, 1.0], size=(n, 1, side // 4, side // 4))
    return torch.from_numpy(np.kron(blocks, np.ones((1, 3, 4, 4)))).float()


def mass_inside(maps, box, side=64):
    cells = maps.shape[1]
    fine = np.kron(maps, np.ones((1, side // cells, side // cells)))
    top, left, bottom, right = box
    return fine[:, top:bottom, left:right].sum(axis=(1, 2)) / fine.sum(axis=(1, 2))


def edge_map(x):
    across = (x[..., 1:, :-1] - x[..., :-1, :-1]).abs() + (x[..., :-1, 1:] - x[..., :-1, :-1]).abs()
    pooled = nn.functional.adaptive_avg_pool2d(across.sum(dim=1), 16)
    return pooled.numpy()


def one_direction(features):
    return features @ torch.linspace(-1, 1, features.shape[1])


@pytest.mark.parametrize("view", [Window, Crop])
@pytest.mark.parametrize(
    ("tower", "side"),
    [(resnet, 64), (vit, 64), (plain_cnn, 64), (mlp, 64), (timm_vit, 128), (timm_convnext, 64)],
)
def test_mass_lies_where_the_network_looks(tower, side, view):
    torch.manual_seed(0)
    box = tuple(side // 64 * edge for edge in BOX)
    preview = gradient_preview(view(tower(), box), clutter(4, side), one_direction)
    assert preview.signal.all()
    assert min(preview.maps.shape[1:]) >= 8
    assert preview.maps.sum(axis=(1, 2)) == pytest.approx(1)
    assert (preview.maps >= 0).all()
    assert mass_inside(preview.maps, box, side).min() >= 0.6
    assert mass_inside(edge_map(clutter(4, side)), box, side).max() < 0.2


@pytest.mark.parametrize("options", [{}, {"pool_type": "avg"}])
def test_seven_patches_a_side_are_refined(options):
    torch.manual_seed(0)
    box = (12, 24, 28, 40)
    preview = gradient_preview(Window(vit(56, **options), box), clutter(4, 56), one_direction)
    assert preview.maps.shape == (4, 14, 14)
    assert mass_inside(preview.maps, box, 56).min() >= 0.6


def test_a_coloured_blob_stands_out_of_clutter():
    x = clutter(6)
    for i, (top, left) in enumerate([(0, 0), (10, 40), (48, 48), (30, 5), (20, 20), (40, 30)]):
        x[i, :, top : top + 16, left : left + 16] = torch.tensor([1.0, -0.6, -0.6])[:, None, None]
        box = (top, left, top + 16, left + 16)
        preview = gradient_preview(Redness(), x[i : i + 1], lambda features: features[:, 0])
        assert mass_inside(preview.maps, box)[0] >= 0.6
        assert mass_inside(edge_map(x[i : i + 1]), box)[0] < 0.6


def test_a_batch_equals_single_images():
    torch.manual_seed(0)
    tower, x = resnet(), clutter(3)
    together = gradient_preview(tower, x, one_direction).maps
    alone = [gradient_preview(tower, x[i : i + 1], one_direction).maps[0] for i in range(3)]
    assert together == pytest.approx(np.stack(alone), abs=1e-5)


def test_other_weights_other_map():
    torch.manual_seed(0)
    first, second = (gradient_preview(resnet(), clutter(2), one_direction).maps for _ in range(2))
    assert np.abs(first - second).sum(axis=(1, 2)).min() > 0.5


@pytest.mark.parametrize(
    "score",
    [
        lambda f: f.softmax(dim=1).sum(dim=1),
        lambda f: torch.ones(len(f)),
        lambda f: f.sum(dim=1) * 0 + 3,
        lambda f: f.norm(dim=1) / f.norm(dim=1),
    ],
)
@pytest.mark.parametrize("tower", [resnet, vit])
def test_constant_score_gives_no_signal(score, tower):
    torch.manual_seed(0)
    preview = gradient_preview(tower(), clutter(3), score)
    assert not preview.signal.any()
    assert not preview.maps.any()


def test_signal_is_told_image_by_image():
    def score(features):
        return one_direction(features) * torch.tensor([1.0, 0.0])

    torch.manual_seed(0)
    preview = gradient_preview(resnet(), clutter(2), score)
    assert preview.signal.tolist() == [True, False]
    assert preview.maps.sum(axis=(1, 2)).tolist() == pytest.approx([1, 0])


def hooks(module):
    return sum(len(m._forward_hooks) + len(m._backward_hooks) for m in module.modules())


@pytest.mark.parametrize("fails", [False, True])
def test_module_is_left_as_it_was(fails):
    def score(features):
        if fails:
            raise RuntimeError("score")
        return one_direction(features)

    tower = resnet().train()
    tower.layer1.eval()
    tower.conv1.weight.requires_grad_(False)
    modes = [m.training for m in tower.modules()]
    flags = [p.requires_grad for p in tower.parameters()]
    statistics = tower.bn1.running_mean.clone()
    x = clutter(2)
    if fails:
        with pytest.raises(RuntimeError, match="score"):
            gradient_preview(tower, x, score)
    else:
        gradient_preview(tower, x, score)
    assert [m.training for m in tower.modules()] == modes
    assert [p.requires_grad for p in tower.parameters()] == flags
    assert all(p.grad is None for p in tower.parameters())
    assert torch.equal(tower.bn1.running_mean, statistics)
    assert hooks(tower) == 0
    assert not x.requires_grad


def test_works_where_gradients_are_off():
    torch.manual_seed(0)
    tower, x = resnet(), clutter(1)
    with torch.no_grad():
        first = gradient_preview(tower, x, one_direction)
    with torch.inference_mode():
        second = gradient_preview(tower, clutter(1), one_direction)
    assert first.signal.all()
    assert second.maps == pytest.approx(first.maps)


def test_takes_the_features_of_a_tower_that_returns_tokens_too():
    torch.manual_seed(0)
    preview = gradient_preview(vit(output_tokens=True), clutter(1), one_direction)
    assert preview.signal.all()


@pytest.mark.parametrize(
    ("pixels", "score", "words"),
    [
        (torch.zeros(3, 64, 64), one_direction, "expected preprocessed floats"),
        (torch.zeros(1, 3, 64, 64, dtype=torch.uint8), one_direction, "uint8"),
        (torch.zeros(1, 3, 4, 4), one_direction, "at least 8"),
        (torch.zeros(2, 3, 64, 64), lambda f: f, "one number|2 numbers"),
        (torch.zeros(2, 3, 64, 64), lambda f: 1.0, "float for 2 images"),
    ],
)
def test_refuses(pixels, score, words):
    with pytest.raises(InputError, match=words):
        gradient_preview(plain_cnn(), pixels, score)

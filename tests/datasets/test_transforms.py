from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from vlmdiag_widgets.datasets import COLORS, CORRUPTIONS, ImageDataset, corrupt, tint


def scene(seed, side=64):
    """Return a smooth picture with an edge: something that noise, blur and light all change."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    picture = np.stack([x, y, (x + y) / 2], axis=-1) * 0.6 + 0.2
    left, top = rng.integers(8, side // 2, 2)
    picture[top : top + side // 3, left : left + side // 3] = rng.random(3)
    return (picture * 255).astype(np.uint8)


@pytest.fixture
def data():
    labels = ["cat", "dog"] * 20
    return ImageDataset.from_arrays(
        [scene(i) for i in range(40)],
        ids=[f"id{i}" for i in range(40)],
        labels=labels,
        attributes={"place": ["sea", "land"] * 20},
        captions=[f"a {label}" for label in labels],
        boxes=[[(0.1, 0.2, 0.5, 0.6)]] * 40,
        split=["train"] * 20 + ["val"] * 10 + ["test"] * 10,
        provenance={"world": "pets", "templates": ["a {place}"]},
    )


def pixels(image):
    return np.asarray(image, dtype=np.float64)


def distance(a, b):
    return np.abs(pixels(a) - pixels(b)).mean()


# -- corruption ------------------------------------------------------------------


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_each_severity_is_further_from_the_picture(data, kind):
    def away(severity):
        changed = corrupt(data, kind, severity)
        return np.mean([distance(changed[row], data[row]) for row in range(8)])

    assert np.all(np.diff([0, *map(away, range(1, 6))]) > 0)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_the_same_seed_gives_the_same_pixels(data, kind):
    first, again = corrupt(data, kind, 4, seed=7), corrupt(data, kind, 4, seed=7)
    assert np.array_equal(pixels(first[0]), pixels(again[0]))
    assert first.key(0) == again.key(0)
    assert first[0].size == data[0].size
    assert first[0].mode == "RGB"


def test_a_pattern_belongs_to_the_image_and_not_to_its_row(data):
    noisy = corrupt(data, "gaussian_noise", seed=1)
    alone = corrupt(data.subset([5, 3]), "gaussian_noise", seed=1)
    assert np.array_equal(pixels(alone[1]), pixels(noisy[3]))
    assert alone.key(1) == noisy.key(3)


def test_keys_tell_kind_severity_seed_and_side_apart(data):
    keys = {data.key(0, 64)}
    keys |= {corrupt(data, kind, 3).key(0) for kind in CORRUPTIONS}
    keys |= {corrupt(data, "fog", severity).key(0) for severity in (1, 2, 4, 5)}
    keys |= {corrupt(data, "fog", 3, seed=1).key(0), corrupt(data, "fog", 3, side=32).key(0)}
    assert len(keys) == 1 + len(CORRUPTIONS) + 4 + 2


def test_what_is_known_of_the_images_stays(data):
    foggy = corrupt(data, "fog")
    for name in ("ids", "labels", "split"):
        assert getattr(foggy, name).tolist() == getattr(data, name).tolist()
    assert foggy.classes == data.classes
    assert foggy.captions == data.captions
    assert np.array_equal(foggy.boxes[3], data.boxes[3])
    assert foggy.attributes.equals(data.attributes)


def test_the_record_says_what_was_done_and_to_what(data):
    twice = corrupt(corrupt(data, "fog", 2), "jpeg", 1, seed=3)
    assert [step["corrupt"] for step in twice.provenance["transforms"]] == ["fog", "jpeg"]
    assert twice.provenance["original"]["world"] == "pets"
    assert twice.provenance["templates"] == ["a {place}"]
    assert "world" not in twice.provenance, "whoever reads it would draw the originals"
    assert twice.name == "arrays, fog 2, jpeg 1"


def test_a_share_of_each_split_is_corrupted_and_named(data):
    some = corrupt(data, "impulse_noise", 4, share=0.5)
    column = some.attributes["corruption"].to_numpy()
    for split, count in (("train", 10), ("val", 5), ("test", 5)):
        assert (column[some.split == split] == "impulse noise").sum() == count
    for row in range(len(data)):
        touched = column[row] == "impulse noise"
        assert (some.key(row) != data.key(row)) == touched
        assert (distance(some[row], data[row]) > 0) == touched
    assert list(data.attributes.columns) == ["place"]


def test_a_larger_share_holds_the_smaller_one(data):
    def touched(share):
        column = corrupt(data, "fog", share=share).attributes["corruption"]
        return set(np.flatnonzero(column == "fog"))

    assert touched(0.2) < touched(0.6)


def test_rows_may_be_named_and_are_told_apart_from_earlier_ones(data):
    first = corrupt(data, "fog", rows=[0, 1])
    both = corrupt(first, "jpeg", rows=np.arange(40) == 1)
    assert both.attributes["corruption"].tolist()[:3] == ["fog", "fog and jpeg", "none"]
    assert both.key(0) == first.key(0)


def test_large_pictures_are_spoiled_at_one_size(data):
    large = ImageDataset.from_arrays([scene(0, 300), scene(1, 300)])
    noisy = corrupt(large, "gaussian_noise", side=100)
    assert noisy.open(0).size == noisy.open(0, 500).size == (100, 100)
    assert noisy.key(0, 64) == noisy.key(0, 500)
    assert np.array_equal(pixels(noisy.open(0, 64)), pixels(noisy.open(0, 500)))


def test_grey_noise_is_as_strong_as_it_says():
    flat = ImageDataset.from_arrays([np.full((128, 128, 3), 128, np.uint8)] * 2)
    noisy = corrupt(flat, "gaussian_noise", 1)
    assert np.std(pixels(noisy[0]) / 255) == pytest.approx(0.08, rel=0.03)
    peppered = pixels(corrupt(flat, "impulse_noise", 3)[0])[..., 0]
    assert np.mean(peppered != 128) == pytest.approx(0.13, abs=0.015)


def test_a_subset_of_corrupted_pictures_is_corrupted(data):
    foggy = corrupt(data, "fog")
    assert np.array_equal(pixels(foggy.subset([4])[0]), pixels(foggy[4]))


def test_broken_images_stay_broken(data):
    data.mark_broken(2, "torn")
    assert corrupt(data, "fog").broken["reason"].tolist() == ["torn"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "fogg"}, "Did you mean 'fog'"),
        ({"kind": "fog", "severity": 0}, "severity is 0"),
        ({"kind": "fog", "severity": True}, "severity is True"),
        ({"kind": "fog", "severity": 2.5}, "severity is 2.5"),
        ({"kind": "fog", "share": 2}, "share is 2"),
        ({"kind": "fog", "share": 0.5, "rows": [1]}, "both given"),
        ({"kind": "fog", "rows": [99]}, "Row 99 does not exist"),
        ({"kind": "fog", "rows": [True]}, "40 images"),
        ({"kind": "fog", "side": 1}, "side is 1"),
    ],
)
def test_corrupt_refuses_bad_input_in_plain_words(data, given, told):
    with pytest.raises(ValueError, match=told):
        corrupt(data, **given)


# -- tint ------------------------------------------------------------------------


def many(n=2000):
    grey = np.full((8, 8, 3), 200, dtype=np.uint8)
    return ImageDataset.from_arrays([grey] * n, labels=["a", "b", "c", "d"] * (n // 4))


def test_colour_goes_with_the_class_in_training_only():
    data = tint(many(), 0.9)
    color = data.attributes["color"].to_numpy()
    own = dict(zip(data.classes, COLORS, strict=False))
    usual = np.array([own[label] for label in data.labels]) == color
    for label in data.classes:
        mine = data.labels == label
        assert usual[mine & (data.split == "train")].mean() == pytest.approx(0.9, abs=0.01)
        assert usual[mine & (data.split != "train")].mean() == pytest.approx(0.25, abs=0.1)


def test_each_class_may_have_its_own_share():
    data = tint(many(), {"a": 1.0, "b": 0.5, "c": 0.0, "d": 0.9})
    own = dict(zip(data.classes, COLORS, strict=False))
    usual = np.array([own[label] for label in data.labels]) == data.attributes["color"].to_numpy()
    train = data.split == "train"
    shares = [usual[train & (data.labels == label)].mean() for label in data.classes]
    assert shares == pytest.approx([1.0, 0.5, 0.0, 0.9], abs=0.01)


def test_a_tinted_picture_is_grey_times_the_colour():
    data = tint(many(40), colors={"a": "red", "b": "#0000ff", "c": "lime", "d": "white"})
    row = int(np.flatnonzero(data.attributes["color"] == "#0000ff")[0])
    assert pixels(data[row])[4, 4].tolist() == [0, 0, 200]


def test_strength_zero_leaves_the_picture(data):
    assert np.array_equal(pixels(tint(data, strength=0.0)[0]), pixels(data[0]))


def test_tint_keeps_what_is_known_and_changes_the_keys(data):
    tinted = tint(data)
    assert tinted.labels.tolist() == data.labels.tolist()
    assert list(tinted.attributes.columns) == ["place", "color"]
    assert tinted.key(0) != data.key(0)
    assert tinted.key(0) == tint(data).key(0)
    assert tinted.provenance["transforms"][0]["spurious"] == {"cat": 0.9, "dog": 0.9}


def test_an_images_colour_does_not_depend_on_the_test_images(data):
    whole = tint(data).attributes["color"]
    part = tint(data.subset(np.arange(25))).attributes["color"]
    assert part.tolist() == whole.tolist()[:25]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"spurious": 1.5}, "spurious is 1.5"),
        ({"strength": -1}, "strength is -1"),
        ({"spurious": {"cat": 0.5}}, "no share for the class 'dog'"),
        ({"colors": {"cat": "red"}}, "no colour for the class 'dog'"),
        ({"colors": {"cat": "red", "dog": "reddish"}}, "no colour 'reddish'"),
    ],
)
def test_tint_refuses_bad_input_in_plain_words(data, given, told):
    with pytest.raises(ValueError, match=told):
        tint(data, **given)


def test_tint_needs_labels():
    bare = ImageDataset.from_arrays([Image.new("RGB", (8, 8))] * 2)
    with pytest.raises(ValueError, match="no single labels"):
        tint(bare)

"""What the demo is there to show: the failures of its model are found by words."""

from __future__ import annotations

import pytest

import vlmdiag_widgets as vd


@pytest.fixture(scope="module")
def demo():
    return vd.load_encoder("demo")


def test_dspritesv_the_two_turned_pairs_are_the_worst_by_text_and_by_image(demo):
    audit = vd.Audit(
        demo,
        vd.load_dataset("dspritesv", n=1500, train_share=0.8),
        templates=["{size} {color} {shape}"],
        slice_by=["color", "shape"],
    )
    slices = audit.slices()
    assert len(slices) == 12
    turned = {("orange", "square"), ("green", "triangle")}
    assert set(zip(slices["color"][:2], slices["shape"][:2], strict=True)) == turned
    worst = slices.nsmallest(2, "image_accuracy")
    assert set(zip(worst["color"], worst["shape"], strict=True)) == turned


def test_waterbirds_the_two_minority_groups_are_the_worst_by_text_and_by_image(demo):
    audit = vd.Audit(demo, vd.load_dataset("waterbirds"), slice_by=["class", "habitat"])
    slices = audit.slices()
    minority = {("waterbird", "land"), ("landbird", "water")}
    assert set(zip(slices["class"][:2], slices["habitat"][:2], strict=True)) == minority
    assert slices["n_images"].nunique() == 1  # the test images are balanced
    worst = slices.nsmallest(2, "image_accuracy")
    assert set(zip(worst["class"], worst["habitat"], strict=True)) == minority
    assert slices["image_accuracy"].max() - slices["image_accuracy"].min() >= 0.2

"""ImageValues: what the images say about attributes."""

from __future__ import annotations

from tests.widgets.birds import make_audit
from vlmdiag_widgets.widgets.image_values import ImageValues


def test_counts_are_of_evaluation_images():
    images = ImageValues(make_audit().images)
    assert images.columns == ["species", "place"]
    assert images.counts("place") == {"ocean": 40, "forest": 40}
    assert images.counts("season") is None


def test_a_value_has_a_class_only_where_all_images_agree():
    images = ImageValues(make_audit().images)
    assert images.classes("species")["owl"] == "landbird"
    assert images.classes("place") == {"forest": None, "ocean": None}
    assert images.classes("season") == {}

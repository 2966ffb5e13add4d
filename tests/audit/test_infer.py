import pandas as pd

from vlmdiag_widgets.audit.images import build_table
from vlmdiag_widgets.audit.infer import (
    default_attributes,
    find_groups,
    find_labels,
    label_of_for,
)

FRAME = pd.DataFrame(
    [
        (species, place, "water" if place in ("ocean", "lake") else "land", str(i))
        for i in range(6)
        for species in ("mallard", "owl")
        for place in ("ocean", "lake", "forest", "desert")
    ],
    columns=["species", "place", "habitat", "number"],
)
IMAGES = build_table(
    labels=["waterbird" if s == "mallard" else "landbird" for s in FRAME["species"]],
    n=len(FRAME),
    attributes=FRAME,
)


def test_a_coarser_attribute_is_derived_from_the_finer_one():
    groups = find_groups(IMAGES)
    assert groups == {
        "habitat": {
            "place": {"desert": "land", "forest": "land", "lake": "water", "ocean": "water"}
        }
    }


def test_an_attribute_with_one_class_per_value_tells_the_class():
    found = find_labels(IMAGES, FRAME.columns)
    assert found == {"species": {"mallard": "waterbird", "owl": "landbird"}}


def test_values_that_are_class_names_tell_themselves():
    found = label_of_for({"kind": ["landbird", "waterbird"], "place": ["ocean"]}, IMAGES)
    assert found == {"kind": {"landbird": "landbird", "waterbird": "waterbird"}}


def test_derived_attributes_are_no_part_of_the_texts():
    assert list(default_attributes(IMAGES, find_groups(IMAGES))) == ["species", "place", "number"]


def test_few_images_prove_nothing():
    few = build_table(labels=["a", "b"], n=2, attributes={"x": ["1", "2"], "y": ["p", "q"]})
    assert find_groups(few) == {}
    assert find_labels(few, ["x", "y"]) == {}

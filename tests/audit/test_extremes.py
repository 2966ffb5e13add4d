import numpy as np
import pytest

from tests.audit.birds import make_audit
from vlmdiag_widgets import InputError


@pytest.fixture(scope="module")
def audit():
    return make_audit()


def test_directions_are_fitted_on_val_and_shown_on_test(audit):
    found = audit.result("directions")
    assert set(found.directions) == {"landbird", "waterbird"}
    assert set(audit.predictions()["row"]) == set(found.decisions["row"])


def test_the_direction_points_from_hard_to_easy(audit):
    decisions = audit.result("directions").decisions
    right = decisions.groupby("correct")["decision"].mean()
    assert right[True] > right[False]


def test_one_row_a_class_says_whether_to_believe_it(audit):
    table = audit.directions()
    assert list(table["class"]) == ["landbird", "waterbird"]
    assert {"strength", "p_value", "q_value", "reliable", "message"} <= set(table.columns)


def test_extremes_come_in_order(audit):
    hard = audit.extremes("landbird", "hardest", 10)
    easy = audit.extremes("landbird", "easiest", 10)
    near = audit.extremes("landbird", "near", 10)
    assert (np.diff(hard["decision"]) >= 0).all()
    assert (np.diff(easy["decision"]) <= 0).all()
    assert (np.diff(near["decision"].abs()) >= 0).all()
    assert hard["decision"].max() < easy["decision"].min()
    assert set(hard["class"]) == {"landbird"}


def test_without_a_class_all_images_take_part(audit):
    assert set(audit.extremes(n=96)["class"]) == {"landbird", "waterbird"}


@pytest.mark.parametrize(
    ("settings", "what"),
    [({"class_": "fish"}, "'fish'"), ({"order": "worst"}, "'worst'"), ({"n": 0}, "n is 0")],
)
def test_questions_that_make_no_sense_are_refused(audit, settings, what):
    with pytest.raises(InputError, match=what):
        audit.extremes(**settings)


def test_without_val_images_there_is_no_direction():
    audit = make_audit()
    split = audit._materials.images.split
    split[split == "val"] = "train"
    with pytest.raises(InputError, match="need both"):
        audit.directions()

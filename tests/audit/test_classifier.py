import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, LinearSVC

from tests.audit.birds import bird_table, bird_vectors, make_audit
from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit.classifier import hold_out, probabilities
from vlmdiag_widgets.audit.linear import arrays_of, from_arrays, weights_of
from vlmdiag_widgets.audit.vectors import unit

TABLE = bird_table()
X = unit(bird_vectors(TABLE))
TRAIN = (TABLE["split"] == "train").to_numpy()
CLASSES = ["landbird", "waterbird"]


@pytest.mark.parametrize("make", [LogisticRegression, KNeighborsClassifier, LinearSVC])
def test_a_fitted_estimator_of_scikit_learn_can_be_diagnosed(make):
    estimator = make().fit(X[TRAIN], TABLE["class"][TRAIN])
    audit = make_audit(classifier=estimator)
    predictions = audit.predictions().set_index("row")
    expected = estimator.predict(X[predictions.index])
    assert (predictions["predicted"] == expected).all()
    assert audit.title.endswith(make.__name__)
    assert len(audit.slices()) == 4


def test_a_torch_module_gives_logits_in_the_order_of_the_classes():
    module = torch.nn.Linear(X.shape[1], 2)
    p = probabilities(module, X, CLASSES)
    with torch.no_grad():
        expected = module(torch.from_numpy(X)).softmax(dim=1).numpy()
    assert p == pytest.approx(expected, abs=1e-6)


def test_columns_follow_the_classes_of_the_data_not_of_the_classifier():
    class Two:
        classes_ = ("b", "a")

        def predict_proba(self, x):
            return np.tile([0.9, 0.1], (len(x), 1))

    p = probabilities(Two(), np.ones((1, 2)), ["a", "b", "c"])
    assert p.tolist() == [[0.1, 0.9, 0.0]]


def test_rows_with_nan_stay_unpredicted():
    x = X[:3].copy()
    x[1] = np.nan
    p = probabilities(LogisticRegression().fit(X, TABLE["class"]), x, CLASSES)
    assert np.isnan(p[1]).all()
    assert np.isfinite(p[[0, 2]]).all()


def test_bare_probabilities_keep_the_image_side_only():
    proba = np.full((len(TABLE), 2), 0.5)
    proba[:, 0] += np.where(TABLE["habitat"] == "land", 0.4, -0.4)
    proba[:, 1] = 1 - proba[:, 0]
    audit = make_audit(classifier=pd.DataFrame(proba, columns=CLASSES))
    slices = audit.slices().set_index(["class", "habitat"])
    assert slices["image_accuracy"].to_dict() == {
        ("landbird", "land"): 1.0, ("landbird", "water"): 0.0,
        ("waterbird", "land"): 0.0, ("waterbird", "water"): 1.0,
    }  # fmt: skip
    assert slices["n_texts"].sum() == 0
    assert len(audit.texts()) == 25
    with pytest.raises(InputError, match="not the classifier"):
        audit.influence()
    assert audit.projection().gap is not None


def test_bare_predicted_classes_work_too():
    audit = make_audit(classifier=pd.DataFrame({"predicted": TABLE["class"]}))
    assert audit.predictions()["correct"].all()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (None, "None"),
        ("predictions", "'predictions'"),
        (object(), "neither predict_proba"),
        (LogisticRegression(), "not fitted"),
        (LogisticRegression().fit([[0], [1]], ["fish", "owl"]), "'fish'"),
        (pd.DataFrame({"landbird": [0.5]}), "1 predictions for"),
        (pd.DataFrame({"predicted": ["fish"] * len(TABLE)}), "'fish'"),
        (pd.DataFrame({"x": [0.5] * len(TABLE)}), "one column"),
        (pd.DataFrame({c: [5.0] * len(TABLE) for c in CLASSES}), "outside 0 to 1"),
    ],
)
def test_classifiers_that_cannot_be_used_are_refused_with_words(given, what):
    with pytest.raises(InputError, match=what):
        make_audit(classifier=given)


def test_the_probe_needs_training_images_of_two_classes():
    audit = make_audit()
    audit._materials.images.split[:] = "test"
    with pytest.raises(InputError, match="fewer than two classes"):
        audit.predictions()


def test_epochs_are_chosen_on_held_out_training_images_never_on_val():
    labels = np.array(["a"] * 50 + ["b"] * 5, dtype=object)
    fit, held = hold_out(np.arange(55), labels, seed=0)
    assert len(held) == 5
    assert set(labels[held]) == {"a"}
    assert sorted([*fit, *held]) == list(range(55))


@pytest.mark.parametrize("make", [LogisticRegression, LinearSVC])
def test_linear_classifiers_become_arrays_that_say_the_same(make):
    estimator = make().fit(X[TRAIN], TABLE["class"][TRAIN])
    again = from_arrays(arrays_of(estimator, X, CLASSES))
    expected = probabilities(estimator, X, CLASSES)
    assert probabilities(again, X, CLASSES) == pytest.approx(expected, abs=1e-6)


def test_other_classifiers_do_not_pretend_to_be_linear():
    estimator = KNeighborsClassifier().fit(X[TRAIN], TABLE["class"][TRAIN])
    assert arrays_of(estimator, X, CLASSES) is None


def test_a_torch_module_is_asked_in_evaluation_mode_and_left_in_its_own():
    module = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Linear(X.shape[1], 2))
    module[1].eval()
    expected = module[1](torch.from_numpy(X)).softmax(dim=1).detach().numpy()
    assert probabilities(module, X, CLASSES) == pytest.approx(expected, abs=1e-6)
    assert (module.training, module[0].training, module[1].training) == (True, True, False)


def test_a_torch_module_may_have_another_precision():
    module = torch.nn.Linear(X.shape[1], 2).double()
    p = probabilities(module, X, CLASSES)
    assert p.sum(axis=1) == pytest.approx(1)


def test_planes_between_pairs_of_classes_are_no_logits_of_classes():
    rows = np.repeat(np.eye(3), 5, axis=0)
    labels = np.repeat(["a", "b", "c"], 5)
    assert weights_of(SVC(kernel="linear").fit(rows, labels)) is None
    assert weights_of(SVC(kernel="linear").fit(rows[:10], labels[:10])) is not None

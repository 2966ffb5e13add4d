import gc
import signal
import threading
import time
import weakref

import numpy as np
import pandas as pd
import pytest

from tests.audit.birds import (
    DIM,
    PLACES,
    SPECIES,
    WordEncoder,
    bird_table,
    bird_vectors,
    make_audit,
)
from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit import Audit, JobInfo

TEXT_SIDE = {
    "texts",
    "text_embeddings",
    "text_predictions",
    "slices",
    "trust",
    "influence",
    "projection",
}
IMAGE_SIDE = {
    "image_embeddings",
    "classifier",
    "image_probabilities",
    "image_predictions",
    "directions",
}
ALL = sorted(TEXT_SIDE | IMAGE_SIDE - {"directions"})  # slow, so only where it matters


def warm(audit):
    for name in ALL:
        audit.result(name)
    audit._graph.calls.clear()


def recomputed(audit):
    for name in ALL:
        audit.result(name)
    return set(audit._graph.calls)


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.002)


# -- what is read from the data ------------------------------------------------------------------


def test_attributes_classes_and_groups_are_read_from_the_data(audit):
    assert audit.attributes == {"species": sorted(SPECIES), "place": sorted(PLACES)}
    assert audit.label_of == {"species": dict(sorted(SPECIES.items()))}
    assert audit.group_of == {"habitat": {"place": dict(sorted(PLACES.items()))}}
    assert audit.slice_by == ["class", "habitat"]
    assert audit.classes == ["landbird", "waterbird"]


def test_without_a_derived_attribute_slices_go_by_all_attributes():
    assert make_audit(group_of={}).slice_by == ["species", "place"]


def test_data_without_attributes_are_asked_about_by_class():
    table = bird_table()
    audit = Audit.from_embeddings(bird_vectors(table), table["class"], encoder=WordEncoder())
    assert audit.attributes == {"category": ["landbird", "waterbird"]}
    assert set(audit.texts()["text"]) == {
        "a photo of a landbird.", "a photo of a waterbird.", "a photo of a thing."
    }  # fmt: skip


# -- known answers -------------------------------------------------------------------------------


def test_texts_and_images_find_the_planted_weakness(audit):
    slices = audit.slices()
    worst = {(row["class"], row["habitat"]) for _, row in slices.head(2).iterrows()}
    accuracy = slices.set_index(["class", "habitat"])["image_accuracy"]
    minority = accuracy[[("landbird", "water"), ("waterbird", "land")]]
    majority = accuracy[[("landbird", "land"), ("waterbird", "water")]]
    assert minority.max() < majority.min()
    assert worst <= set(slices[["class", "habitat"]].itertuples(index=False, name=None))
    assert slices["n_images"].tolist() == [48] * 4


def test_figures_are_those_of_the_predictions_table(audit):
    predictions, slices = audit.predictions(), audit.slices()
    for _, row in slices.iterrows():
        mine = predictions[
            (predictions["class"] == row["class"]) & (predictions["habitat"] == row["habitat"])
        ]
        assert row["image_accuracy"] == pytest.approx(mine["correct"].mean())
    probability = predictions[["p:landbird", "p:waterbird"]].to_numpy()
    assert probability.sum(axis=1) == pytest.approx(1)
    assert (predictions["split"] == "test").all()


def test_influence_adds_up_to_the_prediction(audit):
    influence = audit.influence("landbird")
    per_text = influence.per_text
    total = per_text["base"] + per_text[["species", "place"]].sum(axis=1)
    assert np.allclose(total, per_text["prediction"], atol=1e-10)
    other = audit.influence("waterbird").per_text
    assert np.allclose(per_text["place"], -other["place"], atol=1e-10)


def test_the_weakest_class_is_explained_unless_another_is_chosen(audit):
    accuracy = audit.predictions().groupby("class")["correct"].mean()
    audit.influence()
    assert audit.target_class == accuracy.idxmin()
    audit.target_class = accuracy.idxmax()
    audit.predictions()
    assert audit.target_class == accuracy.idxmax()


def test_embeddings_come_back_raw_and_as_a_copy(audit):
    x = audit.embeddings()
    assert x == pytest.approx(bird_vectors(bird_table()))
    x[:] = 0
    assert audit.embeddings().any()
    assert audit.embeddings("texts").shape == (25, DIM)


def test_zero_shot_classifies_by_class_names():
    audit = make_audit(classifier="zero-shot", encoder=WordEncoder())
    assert audit.title == "words · embeddings · zero-shot"
    assert set(audit.predictions()["predicted"]) <= {"landbird", "waterbird"}
    assert "image_embeddings" not in audit._graph.nodes["classifier"].needs


# -- what an edit recomputes ---------------------------------------------------------------------


def test_a_new_value_touches_the_text_side_only_and_embeds_only_new_texts(audit, encoder):
    audit.directions()
    warm(audit)
    encoder.seen.clear()
    audit.edit(attributes={**audit.attributes, "place": [*audit.attributes["place"], "river"]})
    audit.directions()
    assert recomputed(audit) == TEXT_SIDE
    assert len(encoder.seen) == len(SPECIES) + 1
    assert all("river" in text for text in encoder.seen)


@pytest.mark.parametrize(
    ("change", "reached"),
    [
        ({"target_class": "landbird"}, {"influence"}),
        ({"slice_by": ["class"]}, {"slices", "trust"}),
        ({"gap": "closed"}, set()),
        ({"colour_by": "place"}, set()),
        ({"focus": 3}, set()),
    ],
)
def test_other_settings_reach_less(audit, change, reached):
    warm(audit)
    audit.target_class = "waterbird"
    warm(audit)
    audit.edit(**change)
    assert recomputed(audit) == reached


def test_undo_and_redo_compute_nothing(audit, encoder):
    warm(audit)
    before = audit.slices()
    audit.edit(attributes={**audit.attributes, "place": ["ocean", "forest"]})
    after = recomputed(audit) and audit.slices()
    audit._graph.calls.clear()
    assert audit.undo()
    pd.testing.assert_frame_equal(audit.slices(), before)
    assert audit.redo()
    pd.testing.assert_frame_equal(audit.slices(), after)
    assert audit.undo()
    assert recomputed(audit) == set()
    assert (audit.can_undo, audit.can_redo) == (False, True)


def test_a_setting_back_and_forth_is_not_an_edit(audit):
    audit.edit(gap="open")
    assert not audit.can_undo
    assert not audit.undo()


# -- traits --------------------------------------------------------------------------------------


def test_assigning_a_trait_is_an_edit(audit):
    seen = []
    audit.observe(lambda change: seen.append((change.old, change.new)), "gap")
    audit.gap = "closed"
    assert seen == [("open", "closed")]
    audit.undo()
    assert audit.gap == "open"
    with pytest.raises(InputError, match="gap"):
        audit.gap = "ajar"
    assert audit.gap == "open"


def test_an_edit_is_all_or_nothing(audit):
    with pytest.raises(InputError, match="nowhere"):
        audit.edit(gap="closed", slice_by=["nowhere"])
    assert audit.gap == "open"
    assert not audit.can_undo


def test_observers_see_all_changes_of_one_edit_together(audit):
    seen = []
    audit.observe(lambda change: seen.append((audit.gap, audit.colour_by)), ["gap", "colour_by"])
    audit.edit(gap="closed", colour_by="place")
    assert seen == [("closed", "place")] * 2


def test_focus_and_hover_are_not_undone(audit):
    audit.focus = 5
    audit.hover = {"row": 5}
    audit.gap = "closed"
    audit.undo()
    assert (audit.focus, audit.hover) == (5, {"row": 5})
    assert not audit.can_undo


def test_a_derived_value_left_open_is_pointed_out(audit):
    audit.edit(attributes={**audit.attributes, "place": ["ocean", "moon"]})
    assert any("'moon'" in note for note in audit.notes)


# -- jobs ----------------------------------------------------------------------------------------


def test_an_edit_returns_at_once_and_results_come_by_callback(encoder):
    encoder.hold = threading.Event()
    audit = make_audit(encoder)
    events = []
    audit.watch(["slices", "projection"], events.append)
    started = time.perf_counter()
    audit.edit(attributes={**audit.attributes, "place": ["ocean", "forest"]})
    assert time.perf_counter() - started < 1
    assert audit.peek("slices") == (None, "loading")
    encoder.hold.set()
    wait_for(lambda: {e.name for e in events if e.phase == "ready"} == {"slices", "projection"})
    places = {text.rstrip(".").split()[-1] for text in encoder.seen if " in the " in text}
    assert "desert" not in places or len(encoder.seen) >= 25


def test_a_running_job_shows_and_can_be_cancelled(encoder):
    encoder.hold = threading.Event()
    audit = make_audit(encoder, classifier="zero-shot")
    jobs = []
    audit.observe(lambda change: jobs.append(change.new), "job")
    events = []
    audit.watch("texts", events.append)
    audit.watch("directions", events.append)
    wait_for(lambda: audit._graph._running)
    assert audit.cancel()
    encoder.hold.set()
    wait_for(lambda: any(e.phase == "failed" for e in events))
    failed = next(e for e in events if e.phase == "failed")
    assert failed.error.message.startswith("Cancelled")
    wait_for(lambda: audit.job is None)
    assert all(job is None or isinstance(job, JobInfo) for job in jobs)


def test_a_failing_encoder_keeps_the_last_good_result_and_recovers(audit, encoder, monkeypatch):
    good = audit.slices()

    def refuse(texts):
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(encoder, "encode_texts", refuse)
    audit.edit(attributes={**audit.attributes, "place": ["ocean", "river"]})
    with pytest.raises(Exception, match="out of memory"):
        audit.slices()
    value, phase = audit.peek("slices")
    assert phase == "failed"
    pd.testing.assert_frame_equal(value, good)
    monkeypatch.undo()
    assert len(audit.slices()) != 0


def test_many_threads_edit_select_and_ask_without_deadlock(encoder):
    audit = make_audit(encoder)
    events, errors = [], []
    audit.watch(["slices", "influence", "projection"], lambda e: (audit.lock, events.append(e)))
    places = sorted(PLACES)

    def hammer(seed):
        rng = np.random.default_rng(seed)
        try:
            for i in range(25):
                kept = [p for p in places if rng.random() < 0.7] or places[:1]
                audit.edit(attributes={**audit.attributes, "place": kept})
                audit.select(slice={"class": "landbird"})
                if i % 5 == 0:
                    audit.undo()
                with audit.lock:
                    audit.redo()
                    if i % 6 == 0:
                        audit.slices()
        except Exception as error:  # noqa: BLE001 - the test shows it
            errors.append(error)

    threads = [threading.Thread(target=hammer, args=(seed,)) for seed in range(4)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert not any(thread.is_alive() for thread in threads), "deadlock"
    assert errors == []
    final = audit.slices()
    audit.influence()
    audit.projection()
    wait_for(lambda: [e for e in events if e.name == "slices"][-1].phase == "ready")
    last = [e for e in events if e.name == "slices"][-1].value
    pd.testing.assert_frame_equal(last, final)
    assert len(encoder.seen) == len(set(encoder.seen))


def test_an_audit_goes_away_with_its_last_reference(encoder):
    audit = make_audit(encoder)
    audit.slices()
    ref = weakref.ref(audit)
    del audit
    gc.collect()
    wait_for(lambda: ref() is None)


# -- data that are not as one hoped --------------------------------------------------------------


def test_data_with_several_labels_an_image_show_gap_and_projection_only():
    rng = np.random.default_rng(0)
    audit = Audit.from_embeddings(
        rng.normal(size=(30, DIM)),
        rng.random((30, 3)) < 0.5,
        classes=["a", "b", "c"],
        encoder=WordEncoder(),
        attributes={"place": ["ocean", "forest"]},
    )
    assert len(audit.projection().image_rows) > 0
    with pytest.raises(InputError, match="several labels"):
        audit.slices()


def test_unlabelled_images_can_be_projected_and_classified_zero_shot():
    table = bird_table()
    audit = Audit.from_embeddings(
        bird_vectors(table),
        encoder=WordEncoder(),
        classes=["landbird", "waterbird"],
        classifier="zero-shot",
        attributes_table=table[["species", "place"]],
        label_of={"species": SPECIES},
    )
    assert audit.projection().gap is None
    assert audit.predictions()["correct"].isna().all()
    assert audit.slices()["n_images"].sum() == 0


def test_unlabelled_images_without_classes_say_what_is_missing():
    audit = Audit.from_embeddings(np.random.default_rng(0).normal(size=(20, DIM)))
    with pytest.raises(InputError, match="no attributes"):
        audit.texts()
    with pytest.raises(InputError, match="no classes"):
        audit.predictions()
    assert len(audit.projection().image_rows) > 0, "images can be placed all the same"


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"label_of": {"species": {"mallard": "fish"}}}, "'fish', which is no class"),
        ({"label_of": {"species": {"mallard": "waterbird"}}}, "no class for 'owl'"),
        ({"label_of": {"beak": {}}}, "'beak', which is no attribute"),
        ({"attributes": {"mood": ["calm", "wild"]}, "templates": None}, "No attribute tells"),
        ({"attributes": {"place": []}}, "no values"),
        ({"attributes": {"place": "ocean"}}, "expected a list"),
        ({"attributes": {"place": ["ocean", "ocean"]}}, "more than once"),
        ({"attributes": {"class": ["a"]}}, "result tables"),
        ({"attributes": {"a|b": ["a"]}}, "cannot name"),
        ({"templates": ["a {specis}"]}, "specis"),
        ({"templates": []}, "no template"),
        ({"slice_by": ["habitatt"]}, "habitat"),
        ({"slice_by": []}, "empty"),
        ({"target_class": "fish"}, "target_class"),
        ({"group_of": {"habitat": {"beak": {"a": "b"}}}}, "'beak'"),
        ({"group_of": {"habitat": "water"}}, "mapping of mappings"),
        ({"gap": "half"}, "'half'"),
        ({"colour_by": "mood"}, "'mood'"),
        ({"ensemble": 1}, "True or False"),
        ({"classifier": "svm"}, "'svm'"),
        ({"colour": "class"}, "'colour_by'"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_words(settings, what):
    with pytest.raises(InputError, match=what) as caught:
        make_audit(**settings)
    assert caught.value.message


def test_embeddings_with_nan_are_refused_with_the_row():
    x = bird_vectors(bird_table())
    x[7, 0] = np.nan
    with pytest.raises(InputError, match="row 7"):
        Audit.from_embeddings(x, bird_table()["class"])


def test_one_class_only_is_refused():
    with pytest.raises(InputError, match="one class"):
        Audit.from_embeddings(np.ones((3, 2)), ["a"] * 3)


def test_a_data_set_is_expected_to_open_images():
    with pytest.raises(InputError, match="ImageDataset"):
        Audit(WordEncoder(), [1, 2, 3])


def test_an_encoder_without_image_side_is_refused():
    class Data:
        def open(self, row):
            raise NotImplementedError

    with pytest.raises(InputError, match="encode_images"):
        Audit(WordEncoder(), Data())


def test_an_attribute_that_goes_takes_its_traces_along(audit):
    audit.edit(
        attributes={"species": audit.attributes["species"]},
        templates=["a photo of a [{species}|bird]."],
    )
    assert audit.group_of == {"habitat": {"place": dict(sorted(PLACES.items()))}}
    assert "place" in audit.columns  # the images still carry it
    assert len(audit.slices()) == 4
    audit.undo()
    assert list(audit.attributes) == ["species", "place"]


# -- texts of one's own --------------------------------------------------------------------------


def test_pasted_texts_with_their_own_embeddings_need_no_encoder():
    table, encoder = bird_table(), WordEncoder()
    texts = pd.DataFrame(
        [(f"{s} {p}", c, s, p) for s, c in SPECIES.items() for p in PLACES],
        columns=["text", "class", "species", "place"],
    )
    audit = Audit.from_embeddings(
        bird_vectors(table),
        table["class"],
        texts=texts,
        text_embeddings=encoder.encode_texts(list(texts["text"])),
        attributes_table=table[["species", "place", "habitat"]],
        split=table["split"],
        slice_by=["class", "habitat"],
    )
    assert len(audit.texts()) == 16
    assert audit.slices()["n_texts"].tolist() == [4] * 4
    with pytest.raises(InputError, match="texts of your own"):
        audit.edit(templates=["a {species}"])


def test_composed_texts_can_come_from_a_bank_of_embeddings():
    table, encoder = bird_table(), WordEncoder()
    full = make_audit(encoder).texts()["text"].tolist()
    encoder.seen.clear()
    audit = Audit.from_embeddings(
        bird_vectors(table),
        table["class"],
        texts=full,
        text_embeddings=encoder.encode_texts(full),
        attributes_table=table[["species", "place"]],
        attributes={"species": sorted(SPECIES), "place": sorted(PLACES)},
        templates=["a photo of a [{species}|bird][ in the {place}]."],
    )
    assert len(audit.influence().values) == 8
    audit.edit(attributes={**audit.attributes, "place": ["ocean", "moon"]})
    with pytest.raises(InputError, match="moon"):
        audit.slices()


# -- Ctrl-C --------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_ctrl_c_while_waiting_stops_the_wait_and_the_next_question_works(encoder):
    encoder.hold = threading.Event()
    audit = make_audit(encoder)
    main = threading.main_thread().ident
    timer = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        audit.slices()
    assert time.monotonic() - started < 5
    encoder.hold.set()
    assert len(audit.slices()) == 4


def test_moving_the_pointer_reaches_no_result(audit):
    audit.slices()
    generation = audit._graph.generation
    audit.hover = {"row": 3}
    audit.gap = "closed"
    assert audit._graph.generation == generation


@pytest.mark.parametrize("seed", [None, -1, 1.5, True, "x"])
def test_a_seed_that_repeats_nothing_is_refused(seed):
    with pytest.raises(InputError, match="seed"):
        make_audit(seed=seed)


def test_texts_that_cannot_leave_an_attribute_out_are_explained_with_their_own(encoder):
    audit = make_audit(encoder, templates=["a photo of a {species}[ in the {place}]."])
    texts = audit.texts()
    full = texts[texts["full"]].set_index("text_id")
    explained = audit.influence("landbird").per_text.set_index("text_id")
    assert explained["prediction"].tolist() == pytest.approx(
        full.loc[explained.index, "p:landbird"].tolist()
    )
    assert "species" not in explained


def test_another_order_of_attributes_is_an_edit(audit):
    names = list(audit.attributes)
    audit.edit(attributes={name: audit.attributes[name] for name in reversed(names)})
    assert list(audit.attributes) == names[::-1]
    columns = [name for name in audit.texts().columns if name in names]
    assert columns == names[::-1]
    assert audit.undo()
    assert list(audit.attributes) == names

"""An audit over pixels: broken images, saliency, and the way through the embedded demo encoder."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

import vlmdiag_widgets as vd
from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit import Audit

SIDE = 32
WORDS = {"left": [1.0, 0.0, 0.2], "right": [0.0, 1.0, 0.2]}


class TwoHalves(nn.Module):
    """Brightness of the left and of the right half, after a convolution that keeps places."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 1, bias=False)
        self.conv.weight.data.fill_(1 / 3)
        self.requires_grad_(requires_grad=False)

    def forward(self, pixels):
        cells = torch.relu(self.conv(pixels))
        left = cells[..., : SIDE // 2].mean(dim=(1, 2, 3))
        right = cells[..., SIDE // 2 :].mean(dim=(1, 2, 3))
        return torch.stack([left, right, 0.2 * torch.ones_like(left)], dim=1)


class HalfEncoder:
    name = "halves"
    dim = 3
    image_size = SIDE
    device = torch.device("cpu")
    logit_scale = 10.0

    def __init__(self):
        self.visual = TwoHalves().eval()

    def preprocess(self, image):
        return torch.from_numpy(np.asarray(image, dtype=np.float32) / 255).permute(2, 0, 1)

    def image_features(self, pixels):
        return self.visual(pixels)

    def encode_images(self, images):
        with torch.no_grad():
            return self.visual(torch.stack([self.preprocess(i) for i in images])).numpy()

    def encode_texts(self, texts):
        return np.array([WORDS["left" if "left" in text else "right"] for text in texts])


def picture(side, seed):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 30, (SIDE, SIDE, 3), dtype=np.uint8)
    x, y = (4 if side == "left" else 20), rng.integers(4, 20)
    pixels[y : y + 8, x : x + 8] = 250
    return Image.fromarray(pixels)


def make_data(n=40):
    labels = ["left", "right"] * (n // 2)
    images = [picture(label, i) for i, label in enumerate(labels)]
    return vd.ImageDataset.from_arrays(images, labels=labels, name="halves")


@pytest.fixture(scope="module")
def audit():
    return Audit(HalfEncoder(), make_data(), classifier="zero-shot")


def test_images_are_embedded_and_classified(audit):
    assert audit.predictions()["correct"].all()
    assert audit.title == "halves · halves · zero-shot"


def test_without_focus_there_is_no_map(audit):
    assert audit.result("saliency") is None
    with pytest.raises(InputError, match="No image is in focus"):
        audit.saliency()


def test_the_map_lies_where_the_evidence_is(audit):
    for row, side in ((0, "left"), (1, "right")):
        found = audit.saliency(row)
        assert (found.row, found.target, found.signal) == (row, side, True)
        half = found.map.shape[1] // 2
        mass = found.map[:, :half].sum() if side == "left" else found.map[:, half:].sum()
        assert mass > 0.6
        assert found.map.sum() == pytest.approx(1, abs=1e-4)
    assert audit.focus is None


def test_a_map_can_be_asked_for_any_class_and_is_kept(audit):
    audit.focus = 3
    audit.saliency_target = "left"
    first = audit.saliency()
    assert first.target == "left"
    calls = audit._graph.calls["saliency"]
    assert audit.saliency() is first
    assert audit._graph.calls["saliency"] == calls
    audit.edit(focus=None, saliency_target=None)


def test_parameters_stay_as_they_were(audit):
    audit.saliency(0)
    assert not any(p.requires_grad for p in audit.encoder.visual.parameters())


def test_a_map_works_inside_a_job_in_inference_mode(audit):
    with torch.inference_mode():
        audit._materials.encoder.encode_images([picture("left", 99)])
        assert audit.saliency(5).signal


def test_broken_images_are_left_out_and_listed():
    class Store:
        def images(self, encoder, dataset, rows=None, progress=None):
            x = encoder.encode_images([dataset[i] for i in range(len(dataset))])
            bad = int(dataset.rows("test")[0])
            x[bad] = np.nan
            dataset.mark_broken(bad, "truncated file")
            return x

        def texts(self, encoder, texts, progress=None):
            return encoder.encode_texts(texts)

    data = make_data()
    audit = Audit(HalfEncoder(), data, classifier="probe", store=Store())
    bad = int(data.rows("test")[0])
    assert bad not in set(audit.predictions()["row"])
    assert bad not in set(audit.projection().image_rows)
    assert len(audit.predictions()) == len(data.rows("test")) - 1
    assert audit.provenance()["dataset"]["broken"] == 1
    with pytest.raises(InputError, match="no evaluation image"):
        audit.select(rows=[bad])


def test_a_broken_file_is_left_out_without_a_store_too(tmp_path):
    for side in ("left", "right"):
        (tmp_path / side).mkdir()
        for seed in range(8):
            picture(side, seed).save(tmp_path / side / f"{seed}.png")
    (tmp_path / "left" / "3.png").write_bytes(b"no picture")
    data = vd.ImageDataset.from_folder(tmp_path)
    audit = Audit(HalfEncoder(), data, store=False, attributes={"side": ["left", "right"]},
                  label_of={"side": {"left": "left", "right": "right"}})  # fmt: skip
    x = audit.embeddings()
    bad = list(data.ids).index("left/3.png")
    assert np.flatnonzero(np.isnan(x).any(axis=1)).tolist() == [bad]
    assert list(data.broken["row"]) == [bad]
    assert x[bad + 1] == pytest.approx(HalfEncoder().encode_images([data.open(bad + 1)])[0])


def test_predictions_alone_have_no_map():
    data = make_data()
    audit = Audit(HalfEncoder(), data, classifier=pd.DataFrame({"predicted": data.labels}))
    with pytest.raises(InputError, match="no classifier"):
        audit.saliency(0)


def test_embeddings_alone_have_no_map():
    data = make_data()
    x = HalfEncoder().encode_images(list(data))
    audit = Audit.from_embeddings(x, data.labels, encoder=HalfEncoder())
    with pytest.raises(InputError, match="no images"):
        audit.saliency(0)
    with_pixels = Audit.from_embeddings(x, encoder=HalfEncoder(), dataset=data, classifier="probe")
    assert with_pixels.saliency(0).target in ("left", "right")


def test_a_data_set_of_another_length_does_not_fit_the_embeddings():
    with pytest.raises(InputError, match="3 rows"):
        Audit.from_embeddings(np.ones((3, 3)), dataset=make_data())


def test_a_data_set_can_suggest_templates():
    data = make_data()
    data.provenance["templates"] = ["a bright {category} half"]
    audit = Audit(HalfEncoder(), data, classifier="zero-shot")
    assert audit.templates == ["a bright {category} half"]
    with pytest.raises(InputError, match="left out of the texts"):
        audit.influence()


def test_suggested_templates_must_fit_the_attributes_that_are_asked_about():
    data = make_data()
    data.provenance |= {"templates": ["a {size} half"], "noun": "half", "slice_by": ["size"]}
    audit = Audit(HalfEncoder(), data, classifier="zero-shot")
    assert audit.templates == ["a photo of a [{category}|half]."]
    assert audit.slice_by == ["category"]


def test_images_without_a_label_or_an_attribute_make_an_audit_without_texts():
    images = np.zeros((12, 8, 8, 3), dtype=np.uint8)
    audit = Audit(HalfEncoder(), vd.ImageDataset.from_arrays(images), classifier="zero-shot")
    assert audit.attributes == {}
    with pytest.raises(InputError, match="no attributes, so there are no texts"):
        audit.texts()
    audit.edit(attributes={"place": ["sea", "wood"]}, templates=["a [{place}|scene]"])
    assert len(audit.texts()) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "knobs", "by", "worst"),
    [
        ("waterbirds", {}, ["class", "habitat"], {("landbird", "water"), ("waterbird", "land")}),
        # As many of these few images are trained on as of the many that are drawn by default.
        (
            "dspritesv",
            {"train_share": 0.6},
            ["shape", "color"],
            {("square", "orange"), ("triangle", "green")},
        ),
    ],
)
def test_a_world_asked_by_default_shows_its_planted_weakness(tmp_path, world, knobs, by, worst):
    encoder = vd.load_encoder("demo", device="cpu")
    data = vd.load_dataset(world, n=1800, **knobs)
    audit = vd.Audit(encoder, data, store=vd.EmbeddingStore(tmp_path / "cache"))
    assert audit.slice_by == by
    assert set(audit.slices()[by].head(2).itertuples(index=False, name=None)) == worst
    assert not {word for text in audit.texts()["text"] for word in encoder.unknown_words(text)}


@pytest.mark.slow
def test_the_embedded_encoder_on_rendered_birds_from_end_to_end(tmp_path):
    data = vd.load_dataset("waterbirds", n=120)
    audit = vd.Audit(
        vd.load_encoder("demo", device="cpu"),
        data,
        templates=["a photo of a [{species}|bird][ in the {place}]."],
        store=vd.EmbeddingStore(tmp_path / "cache"),
    )
    assert audit.slice_by == ["class", "habitat"]
    slices = audit.slices()
    assert slices["n_images"].sum() == len(data.rows("test"))
    found = audit.saliency(int(audit.predictions()["row"][0]))
    assert min(found.map.shape) >= 8
    audit.save(tmp_path / "audit")
    again = Audit.load(tmp_path / "audit")
    pd.testing.assert_frame_equal(again.slices(), slices)
    assert again.encoder is not None
    assert again.dataset is not None
    space = {}
    exec(audit.code(), space)  # the code it shows really runs
    pd.testing.assert_frame_equal(space["audit"].slices(), slices)

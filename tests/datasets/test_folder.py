"""Folders of image files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets import BrokenImageError, ImageDataset


def test_folders_are_classes_and_paths_are_ids(folder: Path):
    data = ImageDataset.from_folder(folder)
    assert data.classes == ["cat", "dog"]
    assert list(data.ids) == [
        *(f"cat/{i}.png" for i in range(3)),
        *(f"dog/{i}.png" for i in range(3)),
        "dog/broken.jpg",
    ]
    assert list(data.labels) == ["cat"] * 3 + ["dog"] * 4
    assert data.name == "pets"


def test_other_files_are_listed_and_broken_ones_are_not_fatal(folder: Path):
    data = ImageDataset.from_folder(folder)
    assert data.provenance["ignored"] == ["notes.txt"]
    assert data.broken.empty
    data.check()
    assert data.broken["id"].tolist() == ["dog/broken.jpg"]
    assert data.broken["path"].item() == str(folder / "dog" / "broken.jpg")
    assert data.broken["reason"].item()


def test_images_are_opened_only_when_asked_for(folder: Path):
    data = ImageDataset.from_folder(folder)
    (folder / "cat" / "0.png").unlink()
    with pytest.raises(BrokenImageError, match="does not exist"):
        data[0]
    assert data[1].size == (24, 18)


def test_split_folders_become_the_split(folder: Path, tmp_path: Path):
    root = tmp_path / "all"
    root.mkdir()
    for part in ("train", "valid", "test"):
        (root / part / "cat").mkdir(parents=True)
        (root / part / "dog").mkdir()
        for name in ("cat", "dog"):
            Image.new("RGB", (4, 4)).save(root / part / name / "a.png")
    data = ImageDataset.from_folder(root)
    assert sorted(data.split) == ["test", "test", "train", "train", "val", "val"]
    assert data.classes == ["cat", "dog"]
    assert data.provenance["split"] == {"made_by": "given"}


def test_labels_can_be_left_out_or_given(folder: Path):
    assert ImageDataset.from_folder(folder, label=None).labels is None
    given = ImageDataset.from_folder(folder, labels=list("aabbaab"))
    assert given.classes == ["a", "b"]


def test_ids_and_keys_do_not_depend_on_where_the_folder_lies(folder: Path, tmp_path: Path):
    before = ImageDataset.from_folder(folder)
    ids, keys = list(before.ids), [before.key(i) for i in range(6)]
    after = ImageDataset.from_folder(folder.rename(tmp_path / "moved"))
    assert (list(after.ids), [after.key(i) for i in range(6)]) == (ids, keys)


def test_a_changed_file_changes_its_key_only(folder: Path):
    data = ImageDataset.from_folder(folder)
    before = [data.key(i) for i in range(3)]
    Image.new("RGB", (5, 5)).save(folder / "cat" / "1.png")
    after = [data.key(i) for i in range(3)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]


def test_a_link_out_of_the_folder_is_never_opened(folder: Path, tmp_path: Path):
    secret = tmp_path / "secret.png"
    Image.new("RGB", (5, 5), "red").save(secret)
    (folder / "cat" / "link.png").symlink_to(secret)
    data = ImageDataset.from_folder(folder)
    row = list(data.ids).index("cat/link.png")
    assert data.broken["row"].tolist() == [row]
    with pytest.raises(BrokenImageError, match="leaves"):
        data.open(row)
    with pytest.raises(BrokenImageError, match="leaves"):
        data.key(row)


def test_a_link_swapped_in_later_is_not_followed(folder: Path, tmp_path: Path):
    secret = tmp_path / "secret.png"
    Image.new("RGB", (5, 5), "red").save(secret)
    data = ImageDataset.from_folder(folder)
    (folder / "cat" / "0.png").unlink()
    (folder / "cat" / "0.png").symlink_to(secret)
    with pytest.raises(BrokenImageError, match="leaves"):
        data.open(0)


def test_a_loop_of_links_ends(folder: Path):
    (folder / "cat" / "again").symlink_to(folder)
    assert len(ImageDataset.from_folder(folder)) == 7


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: p / "none", "does not exist"),
        (lambda p: p.parent / "pest", "Nearest: pets"),
        (lambda p: p / "notes.txt", "is a file"),
    ],
)
def test_a_wrong_path_is_explained(folder: Path, make, message):
    with pytest.raises(InputError, match=message):
        ImageDataset.from_folder(make(folder))


def test_an_empty_folder_says_what_it_expected(tmp_path: Path):
    (tmp_path / "table.csv").write_text("a,b")
    with pytest.raises(InputError, match=r"no image \(1 other files\).*\.jpg"):
        ImageDataset.from_folder(tmp_path)


def test_loose_images_need_label_none(tmp_path: Path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="label=None"):
        ImageDataset.from_folder(tmp_path)
    assert len(ImageDataset.from_folder(tmp_path, label=None)) == 1


def test_one_class_says_that_two_are_needed(tmp_path: Path):
    (tmp_path / "cat").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "cat" / "a.png")
    with pytest.raises(InputError, match=r"same label, 'cat'.*classes="):
        ImageDataset.from_folder(tmp_path)
    assert ImageDataset.from_folder(tmp_path, classes=["cat", "dog"]).classes == ["cat", "dog"]

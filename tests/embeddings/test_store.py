"""Nothing is embedded twice, and nothing that happens to the files is fatal."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from vlmdiag_widgets._errors import CacheError
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.datasets import ImageDataset
from vlmdiag_widgets.embeddings import EmbeddingStore, shards, shelf
from vlmdiag_widgets.embeddings import pending as pending_module
from vlmdiag_widgets.embeddings import store as store_module
from vlmdiag_widgets.encoders import load_encoder

TEXTS = ["a bird", "a bird", "a photo of a bird", "a bird", ""]


def shard_files(store: EmbeddingStore) -> list[Path]:
    assert store.path is not None
    return sorted(store.path.rglob("*.shard"))


def test_images_are_embedded_once(store, encoder, data):
    first = store.images(encoder, data)
    assert np.allclose(first, encoder.encode_images(data), atol=1e-5)
    assert first.dtype == np.float32
    assert encoder.images == 12
    again = EmbeddingStore(store.path).images(encoder, data, rows=[3, 1, 3])
    assert np.array_equal(again, first[[3, 1, 3]])
    assert encoder.images == 12


def test_the_content_counts_not_the_data_set(store, encoder, data):
    first = store.images(encoder, data)
    other = ImageDataset.from_arrays([np.asarray(data[5]), np.asarray(data[2])], name="other")
    assert np.array_equal(store.images(encoder, other), first[[5, 2]])
    assert encoder.images == 12


def test_equal_images_among_others_are_embedded_once(store, encoder, data):
    order = [4, 0, 4, 4, 7, 0, 9]
    repeated = ImageDataset.from_arrays([np.asarray(data[i]) for i in order])
    found = store.images(encoder, repeated)
    assert encoder.images == 4
    assert np.allclose(found, encoder.encode_images(repeated), atol=1e-5)
    assert np.array_equal(EmbeddingStore(store.path).images(encoder, data, order), found)
    assert encoder.images == 4


def test_another_model_shares_nothing(store, encoder, data, model):
    store.texts(encoder, TEXTS)
    config = {**model._config, "quick_gelu": True}
    other = load_encoder("s", "random", config=config, device="cpu")
    assert store.missing_texts(other, TEXTS) == 3


def test_texts_are_embedded_once_each(store, encoder):
    assert store.missing_texts(encoder, TEXTS) == 3
    found = store.texts(encoder, TEXTS)
    assert np.allclose(found, encoder.encode_texts(TEXTS), atol=1e-6)
    assert encoder.texts == 3
    assert store.missing_texts(encoder, [*TEXTS, "new"]) == 1
    store.texts(encoder, [*TEXTS, "new"])
    assert encoder.texts == 4
    assert np.array_equal(EmbeddingStore(store.path).texts(encoder, TEXTS), found)
    assert store.texts(encoder, []).shape == (0, 16)


def test_broken_images_are_nan_and_listed(store, encoder, data):
    pictures = [np.asarray(data[0]), b"broken", np.asarray(data[1]), np.zeros((2, 2, 9))]
    mixed = ImageDataset.from_arrays(pictures)
    found = store.images(encoder, mixed)
    assert np.isnan(found).all(axis=1).tolist() == [False, True, False, True]
    assert mixed.broken["row"].tolist() == [1, 3]
    assert np.array_equal(store.images(encoder, mixed), found, equal_nan=True)
    assert EmbeddingStore(store.path).images(encoder, data, [0, 1]).shape == (2, 16)


def test_vectors_that_overflow_are_not_kept(store, encoder, data, monkeypatch):
    def overflow(images, batch_size=4, on_broken=None):
        rows = np.ones((len(images), 16), np.float32)
        rows[2, 0] = np.inf
        yield np.arange(len(images)), rows

    monkeypatch.setattr(encoder, "image_batches", overflow, raising=False)
    store.images(encoder, data)
    assert data.broken["row"].tolist() == [2]
    assert "not finite" in data.broken["reason"].item()
    monkeypatch.undo()
    fresh = ImageDataset.from_arrays([np.asarray(data._source.open(i)) for i in range(12)])
    store.images(encoder, fresh)
    assert encoder.images == 1


def test_cancelling_keeps_what_is_done(store, encoder, data):
    seen = []

    def progress(done, total):
        seen.append((done, total))
        if done == 8:
            raise Cancelled

    with pytest.raises(Cancelled):
        store.images(encoder, data, progress=progress)
    assert seen[-1] == (8, 12)
    other = EmbeddingStore(store.path)
    seen.clear()
    other.images(encoder, data, progress=lambda *at: seen.append(at))
    assert encoder.images == 12
    assert (8, 12) in seen
    assert seen[-1] == (12, 12)


def test_long_work_is_written_as_it_goes(store, encoder, data, monkeypatch):
    monkeypatch.setattr(pending_module, "_BYTES", 1)
    store.images(encoder, data)
    assert len(shard_files(store)) == 3


@pytest.mark.parametrize("damage", ["cut", "vectors", "keys", "empty"])
def test_a_damaged_shard_is_listed_and_made_again(store, encoder, data, damage):
    first = store.images(encoder, data)
    (path,) = shard_files(store)
    content = bytearray(path.read_bytes())
    if damage == "vectors":
        content[-5] ^= 1
    elif damage == "keys":
        content[260] ^= 1
    path.write_bytes({"cut": content[:-9], "empty": b""}.get(damage, bytes(content)))
    other = EmbeddingStore(store.path)
    assert np.allclose(other.images(encoder, data), first, atol=1e-5)
    assert encoder.images == 24
    assert list(other.damaged()) == [str(path)]
    assert other.damaged()[str(path)]
    EmbeddingStore(store.path).images(encoder, data)
    assert encoder.images == 24


def test_a_shard_deleted_under_way_is_no_problem(store, encoder, data):
    store.images(encoder, data)
    other = EmbeddingStore(store.path)
    assert other._shelf(encoder, "image").missing([data.key(0, 32)]) == []
    shard_files(store)[0].unlink()
    other.images(encoder, data)
    assert encoder.images == 24
    assert other.damaged() == {}


def test_a_full_disk_costs_a_warning_only(store, encoder, data, monkeypatch):
    def full(file, parts):
        file.write(parts[0])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shards, "_write_all", full)
    found = store.images(encoder, data)
    assert np.isfinite(found).all()
    assert "No space left" in store.warning
    assert np.array_equal(store.images(encoder, data), found)
    assert encoder.images == 12
    assert [p for p in store.path.rglob("*") if p.is_file()] == []
    monkeypatch.undo()
    EmbeddingStore(store.path).images(encoder, data)
    assert encoder.images == 24


def test_a_place_that_cannot_be_written(tmp_path: Path, encoder, data, monkeypatch):
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(CacheError, match="VLMDIAG_CACHE"):
        EmbeddingStore(file / "store")
    monkeypatch.setenv("VLMDIAG_CACHE", str(file / "store"))
    store = EmbeddingStore()
    assert store.path is None
    assert "stay in memory" in store.warning
    store.images(encoder, data)
    store.images(encoder, data)
    assert encoder.images == 12


def test_the_environment_names_the_place(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("VLMDIAG_CACHE", str(tmp_path / "here"))
    store = EmbeddingStore()
    assert store.path == tmp_path / "here" / "embeddings"
    assert store.warning is None


def test_a_readonly_store_reads_and_never_writes(store, encoder, data, tmp_path: Path):
    store.texts(encoder, TEXTS)
    before = {p: p.stat().st_mtime_ns for p in store.path.rglob("*")}
    other = EmbeddingStore(store.path, readonly=True)
    other.texts(encoder, [*TEXTS, "new"])
    other.texts(encoder, [*TEXTS, "new"])
    assert encoder.texts == 4
    assert {p: p.stat().st_mtime_ns for p in store.path.rglob("*")} == before
    with pytest.raises(CacheError, match="no such folder"):
        EmbeddingStore(tmp_path / "none", readonly=True)


def test_many_small_shards_are_merged(store, encoder, monkeypatch):
    monkeypatch.setattr(shelf, "_MANY", 5)
    texts = [f"text {i}" for i in range(8)]
    for text in texts:
        store.texts(encoder, [text])
    found = store.texts(encoder, texts)
    assert len(shard_files(store)) == 8
    reader = EmbeddingStore(store.path, readonly=True)  # still knows the old files
    reader.missing_texts(encoder, texts)
    merged = EmbeddingStore(store.path)
    assert np.array_equal(merged.texts(encoder, texts), found)
    assert len(shard_files(store)) == 1
    for other in (store, reader):
        assert np.array_equal(other.texts(encoder, texts), found)
    assert encoder.texts == 8


def test_leftovers_of_killed_writers_are_removed_when_old(store, encoder):
    store.texts(encoder, TEXTS)
    folder = shard_files(store)[0].parent
    old, new = folder / ".old.partial", folder / ".new.partial"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    EmbeddingStore(store.path).texts(encoder, TEXTS)
    assert (old.exists(), new.exists()) == (False, True)


WRITER = """
    import sys
    import numpy as np
    from pathlib import Path
    from vlmdiag_widgets.embeddings.shards import write_shard
    folder, name, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for i in range(count):
        keys = [(name * 10**9 + i * 100 + j).to_bytes(16, "big") for j in range(50)]
        rows = np.full((50, 64), i, np.float32)
        write_shard(folder, keys, rows)
        if i == 2:
            print("writing", flush=True)
"""


def start_writer(folder: Path, name: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(folder), str(name), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_writer_leaves_a_whole_store(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(shelf, "_MANY", 10**6)  # a fast writer's shards are not merged here
    with start_writer(tmp_path, 1, 10**9) as writer:
        assert writer.stdout.readline() == "writing\n"
        time.sleep(0.05)
        writer.send_signal(signal.SIGKILL)
    found = shelf.Shelf(tmp_path)
    assert found.damaged == {}
    assert len(found._shards) >= 3
    for shard in found._shards.values():
        assert (shard.vectors == shard.vectors[0, 0]).all()


def test_two_processes_write_and_each_sees_the_other(tmp_path: Path):
    reader = shelf.Shelf(tmp_path)
    with start_writer(tmp_path, 1, 6) as first, start_writer(tmp_path, 2, 6) as second:
        assert (first.wait(60), second.wait(60)) == (0, 0)
    keys = [
        (name * 10**9 + i * 100 + j).to_bytes(16, "big")
        for name in (1, 2)
        for i in range(6)
        for j in (0, 49)
    ]
    out = np.empty((len(keys), 64), np.float32)
    assert reader.read(keys, out) == []
    assert out[:, 0].tolist() == [float(i) for _ in range(2) for i in range(6) for _ in range(2)]


def test_two_stores_at_once_in_one_process(store, encoder):
    other = EmbeddingStore(store.path)
    other.texts(encoder, TEXTS)
    store.texts(encoder, TEXTS)
    assert encoder.texts == 3


def test_only_few_files_wait_to_be_read(monkeypatch):
    """What waits for a thread is read even when the program is already ending."""
    monkeypatch.setattr(store_module, "_KEYS_AT_ONCE", 2)

    class Files:
        read = 0

        def key(self, row, size):
            self.read += 1
            return bytes([row])

    def stop(done, total):
        raise Cancelled

    files = Files()
    with pytest.raises(Cancelled):
        store_module._image_keys(files, np.arange(200), 32, stop)
    assert files.read <= 2 * store_module._PARTS_AHEAD
    keys = store_module._image_keys(files, np.arange(200), 32, lambda done, total: None)
    assert keys == [bytes([row]) for row in range(200)]

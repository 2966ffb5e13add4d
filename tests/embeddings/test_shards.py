"""A shard is on disk whole, or it is not there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from vlmdiag_widgets.embeddings import shards
from vlmdiag_widgets.embeddings.shards import DamagedShardError, Shard, write_shard

TABLE = npst.arrays(
    np.float32,
    npst.array_shapes(min_dims=2, max_dims=2, max_side=7),
    elements=st.floats(-1e6, 1e6, width=32),
)


def keys(n: int) -> list[bytes]:
    return [i.to_bytes(16, "big") for i in range(n)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(TABLE)
def test_what_is_written_is_read(tmp_path: Path, table):
    path = write_shard(tmp_path, keys(len(table)), table)
    shard = Shard(path)
    assert shard.keys == keys(len(table))
    assert np.array_equal(shard.vectors, table)
    assert not shard.vectors.flags.writeable


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(TABLE, st.data())
def test_any_changed_byte_is_found_out(tmp_path: Path, table, choose):
    path = write_shard(tmp_path, keys(len(table)), table)
    content = bytearray(path.read_bytes())
    at = choose.draw(st.integers(0, len(content) - 1))
    content[at] ^= choose.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        shard = Shard(path)
        found = shard.vectors
    except DamagedShardError:
        return
    # Only the padding between the parts carries nothing.
    assert shard.keys == keys(len(table))
    assert np.array_equal(found, table)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(TABLE, st.data())
def test_any_cut_is_found_out(tmp_path: Path, table, choose):
    path = write_shard(tmp_path, keys(len(table)), table)
    content = path.read_bytes()
    path.write_bytes(content[: choose.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(DamagedShardError):
        Shard(path)


@pytest.mark.parametrize("content", [b"", b"VLMEMB01", b"VLMEMB01\xff\xff\xff\xff", b"x" * 500])
def test_other_files_are_no_shards(tmp_path: Path, content):
    path = tmp_path / "a.shard"
    path.write_bytes(content)
    with pytest.raises(DamagedShardError):
        Shard(path)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch):
    def full(file, parts):
        file.write(parts[0])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shards, "_write_all", full)
    with pytest.raises(OSError, match="No space"):
        write_shard(tmp_path, keys(2), np.zeros((2, 3), np.float32))
    assert list(tmp_path.iterdir()) == []

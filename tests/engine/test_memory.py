"""The memory a run is said to take, and the refusal of one that cannot fit."""

import re

import pytest
import tensorflow as tf

from nst.engine import memory
from nst.errors import Refusal


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine whose free memory, and whose container's limit, can be told."""
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CGROUP", tmp_path)

    def tell(free=None, limit=None, used=0, cached=0):
        if free is not None:
            (tmp_path / "meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable: {free // 1024} kB\n")
        if limit is not None:
            (tmp_path / "memory.max").write_text(f"{limit}\n")
            (tmp_path / "memory.current").write_text(f"{used}\n")
            (tmp_path / "memory.stat").write_text(f"anon 5\ninactive_file {cached}\n")

    return tell


def test_available_is_the_smaller_of_machine_and_container(machine):
    machine(free=2**33)
    assert memory.available() == 2**33
    machine(limit="max")
    assert memory.available() == 2**33
    machine(limit=2**31, used=2**30)
    assert memory.available() == 2**30
    machine(limit=2**31, used=2**30, cached=2**28)
    assert memory.available() == 2**30 + 2**28


def test_where_nothing_can_be_known_nothing_is_refused(machine):
    assert memory.available() is None
    memory.refuse_what_cannot_fit(100_000, 100_000, tf.float32)


def test_what_fits_is_let_through(machine):
    machine(free=4 * 2**30)
    memory.refuse_what_cannot_fit(512, 384, tf.float32)


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
@pytest.mark.parametrize("free", [600, 2000, 4000])
def test_a_refusal_names_a_size_that_does_fit(machine, dtype, free):
    machine(free=free * 2**20)
    with pytest.raises(Refusal, match="4096x3072") as refusal:
        memory.refuse_what_cannot_fit(4096, 3072, dtype)
    largest = int(re.search(r"size of (\d+) fits", refusal.value.message)[1])
    memory.refuse_what_cannot_fit(largest, largest * 3 // 4, dtype)
    with pytest.raises(Refusal):
        memory.refuse_what_cannot_fit(largest + 64, (largest + 64) * 3 // 4, dtype)


def test_a_machine_without_any_room_is_told_so(machine):
    machine(free=2**20)
    with pytest.raises(Refusal, match="Close other programs"):
        memory.refuse_what_cannot_fit(64, 64, tf.float32)

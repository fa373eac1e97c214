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


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
def test_a_size_is_named_that_is_smaller_than_the_one_asked_for(machine, dtype):
    for free in range(100, 3000, 50):
        machine(free=free * 2**20)
        for asked in (500, 700, 1000, 1400, 1500):
            try:
                memory.refuse_what_cannot_fit(asked, asked, dtype)
            except Refusal as refusal:
                largest = re.search(r"size of (\d+) fits", refusal.message)
                assert largest is None or int(largest[1]) < asked


def test_what_does_not_fit_whole_is_let_through_if_it_fits_in_strips(machine):
    machine(free=2 * 10**9)
    assert memory.WHOLE_PIXELS > 1400 * 1400
    assert memory.is_short(1400, 1400, tf.bfloat16)
    memory.refuse_what_cannot_fit(1400, 1400, tf.bfloat16)
    machine(free=4 * 10**9)
    assert not memory.is_short(1400, 1400, tf.bfloat16)


def test_every_region_takes_memory_of_its_own(machine):
    machine(free=2400 * 2**20)
    memory.refuse_what_cannot_fit(1024, 768, tf.float32)
    assert not memory.is_short(1024, 768, tf.float32)
    assert memory.is_short(1024, 768, tf.float32, regions=4)
    machine(free=700 * 2**20)
    memory.refuse_what_cannot_fit(512, 384, tf.float32)
    with pytest.raises(Refusal, match="size of"):
        memory.refuse_what_cannot_fit(512, 384, tf.float32, regions=4)


def test_a_machine_without_any_room_is_told_so(machine):
    machine(free=2**20)
    with pytest.raises(Refusal, match="Close other programs"):
        memory.refuse_what_cannot_fit(64, 64, tf.float32)

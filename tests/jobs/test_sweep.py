"""Keeping within the room there is: what goes, in which order, and what never does."""

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from jobs.conftest import ADA, BOB, spec_for
from jobs.fake_engine import FakeEngine, picture, wait_until
from nst.errors import Refusal
from nst.jobs import sweep
from nst.jobs.filing.files import Folder, image_key, job_key
from nst.jobs.ids import new_id
from nst.jobs.models import FINISHED, Job, JobSpec, Steering, StoredImage, StyleRef
from nst.jobs.records.schema import images, jobs, metadata
from nst.jobs.records.store import Store
from nst.jobs.studio import Studio
from nst.jobs.sweep import FOLLOWED, FRESH, YOUNG, Sweep
from nst.settings import Settings

Open = Callable[..., Studio]
OLD = timedelta(days=10)


class Shelf:
    """A store and files with things of any age, and their sweep."""

    def __init__(self, folder: Path, store: Store, **limits: float) -> None:
        self.files = Folder(folder)
        self.store = store
        self.sweep = Sweep(self.store, self.files, Settings(data_dir=folder, **limits))

    def image(self, age: timedelta = OLD, size: int = 100, owner: str = ADA, passing: bool = False) -> str:
        made = StoredImage(id=new_id(), owner=owner, width=1, height=1, created=datetime.now(UTC) - age)
        self.files.write(image_key(made.id), b"x" * size)
        return self.store.add_image(made, made.id, size=size, passing=passing).id

    def job(
        self,
        content: str,
        state: str = "done",
        age: timedelta = OLD,
        size: int = 1000,
        owner: str = ADA,
        mask: str | None = None,
    ) -> str:
        spec = JobSpec(content=content, styles=[StyleRef(image=content)], mask=mask)
        new = Job(id=new_id(), owner=owner, spec=spec, state="queued", steps=3, created=datetime.now(UTC))
        self.store.add_job(new, 99, 99)
        self.files.write(job_key(new.id, "result.png"), b"x" * size)
        if state != "queued":
            self.store.move(new.id, ("queued",), state)
        if state in FINISHED:
            self.set(update(jobs).where(jobs.c.id == new.id).values(finished=datetime.now(UTC) - age))
        return new.id

    def clear(self) -> None:
        for table in reversed(metadata.sorted_tables):
            self.set(delete(table))
        for key in ("images", "jobs"):
            self.files.delete(key)

    def set(self, statement: object) -> None:
        with self.store.write() as change:
            change.connection.execute(statement)

    def has(self, thing: str) -> bool:
        row = self.store.job(thing) or self.store.image(ADA, thing) or self.store.image(BOB, thing)
        there = self.files.size(job_key(thing)) + self.files.size(image_key(thing))
        assert (row is not None) == (there > 0), "row and file go together"
        return row is not None


@pytest.fixture
def shelf(folder: Path, store: Store) -> Callable[..., Shelf]:
    return partial(Shelf, folder, store)


def test_nothing_goes_while_there_is_room_and_no_age_is_set(shelf: Callable[..., Shelf]) -> None:
    one = shelf()
    photo, unused = one.image(), one.image()
    job = one.job(photo)
    one.sweep.round()
    assert all(map(one.has, (photo, unused, job)))


def test_what_is_too_old_goes_and_takes_along_what_only_it_used(shelf: Callable[..., Shelf]) -> None:
    one = shelf(keep_days=5)
    photo, young = one.image(), one.image(timedelta(days=4))
    job, rests = one.job(photo), one.job(young, "paused")
    also = one.job(young, "done", timedelta(days=4))
    one.sweep.round()
    assert [one.has(thing) for thing in (photo, job, young, rests, also)] == [False, False, True, True, True]


def test_a_mask_that_no_job_took_goes_after_a_day(shelf: Callable[..., Shelf]) -> None:
    one = shelf()
    photo = one.image()
    clicked = [one.image(passing=True) for _ in range(3)]
    new = one.image(timedelta(hours=20), passing=True)
    one.job(photo, mask=clicked[1])
    one.sweep.round()
    assert [one.has(thing) for thing in (*clicked, new, photo)] == [False, True, False, True, True]


def test_a_mask_that_a_change_brought_stays_with_its_job(shelf: Callable[..., Shelf]) -> None:
    one = shelf()
    photo, mask = one.image(), one.image(passing=True)
    job = one.job(photo, "paused")
    one.store.want(job, Steering(mask=mask))
    one.sweep.round()
    assert one.has(mask)


def test_the_oldest_go_first_and_only_as_many_as_must(shelf: Callable[..., Shelf]) -> None:
    one = shelf(disk_quota_bytes=3500)
    photo = one.image()
    made = [one.job(photo, age=timedelta(days=days)) for days in (3, 9, 5, 7)]
    one.sweep.round()
    assert [one.has(job) for job in made] == [True, False, True, True]
    assert one.sweep.stock.bytes() == 3100


def test_what_is_young_stays_even_where_there_is_no_room(shelf: Callable[..., Shelf]) -> None:
    one = shelf(disk_quota_bytes=500)
    photo = one.image(FRESH / 2)
    job = one.job(photo, age=YOUNG / 2)
    one.sweep.round()
    assert one.has(photo)
    assert one.has(job)
    for owner, code in ((BOB, "disk_full"), (ADA, "quota_full")):
        with pytest.raises(Refusal) as refused:
            one.sweep.make_room(owner, 1)
        assert refused.value.code == code


def test_room_is_made_for_an_upload_and_each_visitor_has_a_share(shelf: Callable[..., Shelf]) -> None:
    one = shelf(client_quota_bytes=2500)
    hers, his = one.image(), one.image(owner=BOB)
    first, second = one.job(hers, age=2 * OLD), one.job(hers)
    other = one.job(his, owner=BOB, age=3 * OLD)
    one.sweep.make_room(ADA, 300)
    assert all(map(one.has, (first, second)))
    one.sweep.make_room(ADA, 900)
    assert [one.has(job) for job in (first, second, other)] == [False, True, True]
    with pytest.raises(Refusal) as refused:
        one.sweep.make_room(ADA, 2600)
    assert refused.value.code == "quota_full"


def test_without_a_setting_half_of_the_room_is_one_visitor_s(shelf: Callable[..., Shelf]) -> None:
    one = shelf(disk_quota_bytes=6000)
    photo = one.image(FRESH / 2)
    for _ in range(2):
        one.job(photo, age=YOUNG / 2)
    one.sweep.make_room(ADA, 900)
    with pytest.raises(Refusal) as refused:
        one.sweep.make_room(ADA, 901)
    assert refused.value.code == "quota_full"
    one.sweep.make_room(BOB, 3000)


def test_who_asks_for_room_loses_old_things_before_anybody_else_does(shelf: Callable[..., Shelf]) -> None:
    one = shelf(disk_quota_bytes=4200, client_quota_bytes=4000)
    hers, his = one.image(), one.image(owner=BOB)
    newer, older = one.job(hers, age=OLD), one.job(hers, age=2 * OLD)
    oldest = [one.job(his, owner=BOB, age=age * OLD) for age in (4, 3)]
    one.sweep.make_room(ADA, 1000)
    assert [one.has(job) for job in (newer, older, *oldest)] == [True, False, True, True]
    one.sweep.make_room(ADA, 3000)
    assert [one.has(job) for job in (newer, *oldest)] == [False, False, True]


def test_samples_stay_and_so_does_what_is_shared(open_studio: Open, folder: Path) -> None:
    studio = open_studio(start=False, keep_days=1)
    sample = studio.samples()[0].name
    hers, his = studio.add_sample(ADA, sample), studio.add_sample(BOB, sample)
    age(studio, images, created=OLD)
    studio.sweep.round()
    assert studio.image_file(ADA, hers.id) == studio.image_file(BOB, his.id)


def test_files_that_no_row_knows_go_and_so_do_halves(open_studio: Open, folder: Path) -> None:
    studio = open_studio(start=False)
    kept, _ = studio.add_image(ADA, io.BytesIO(picture()))
    stray = [
        folder / "jobs" / new_id() / "preview.jpg",
        folder / "images" / f"{new_id()}.png",
        folder / "images" / ".0123456789abcdef.part",
        folder / "videos" / new_id(),
    ]
    for path in stray:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    studio = open_studio(start=False)  # whoever comes later finds them there
    studio.sweep.round()
    assert [path.exists() for path in stray] == [False] * 4
    assert not (folder / "jobs").exists() or not list((folder / "jobs").iterdir())
    assert studio.image_file(ADA, kept.id).exists()
    new = folder / "images" / f"{new_id()}.png"
    new.write_bytes(b"on its way")
    studio.sweep._orphans_after = 0
    studio.sweep.round()
    assert new.exists()


def test_pictures_swept_while_a_job_is_asked_for_refuse_it(
    open_studio: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = open_studio(start=False, keep_days=1)
    spec = spec_for(studio)
    age(studio, images, created=OLD)
    add = studio._store.add_job

    def swept_before(*arguments: object) -> None:
        studio.sweep.round()
        add(*arguments)

    monkeypatch.setattr(studio._store, "add_job", swept_before)
    with pytest.raises(Refusal) as refused:
        studio.submit(ADA, spec)
    assert refused.value.code == "not_found"
    assert studio.jobs(ADA)[0] == []


def test_it_thins_the_log_of_what_ended_a_minute_ago(shelf: Callable[..., Shelf]) -> None:
    one = shelf()
    photo = one.image()
    ages = FOLLOWED * 2, FOLLOWED / 2
    made = [one.job(photo, age=age) for age in ages]
    one.job(photo, "paused")
    one.sweep.round()
    with one.store.read() as connection:
        assert list(connection.scalars(select(jobs.c.id).where(jobs.c.thinned))) == made[:1]


def test_a_painting_says_until_when_it_is_kept(open_studio: Open, engine: FakeEngine) -> None:
    studio = open_studio(keep_days=2)
    job = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, job.id).is_finished)
    done = studio.job(ADA, job.id)
    assert done.expires == done.finished + timedelta(days=2)
    assert studio.jobs(ADA)[0] == [done]


def test_it_has_a_thread_of_its_own(open_studio: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "ROUND_SECONDS", 0.01)
    studio = open_studio(keep_days=1)
    unused, _ = studio.add_image(ADA, io.BytesIO(picture()))
    age(studio, images, created=OLD)
    wait_until(lambda: studio._store.image(ADA, unused.id) is None)


def age(studio: Studio, table: object, **columns: timedelta) -> None:
    with studio._store.write() as change:
        now = datetime.now(UTC)
        change.connection.execute(update(table).values({name: now - by for name, by in columns.items()}))


HISTORY = st.lists(
    st.tuples(
        st.sampled_from(["image", "mask", "queued", "running", "paused", "done", "failed", "cancelled"]),
        st.integers(0, 40),  # quarters of a day
        st.integers(1, 1000),  # bytes
        st.sampled_from([ADA, BOB]),
        st.integers(0, 9),  # which image
    ),
    max_size=14,
)


@given(HISTORY, st.integers(1, 4000), st.integers(0, 4000), st.sampled_from([0, 1, 5]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_in_use_is_ever_removed_and_all_ends_within_the_quota_where_it_can(
    shelf: Callable[..., Shelf], history: list, quota: int, own: int, days: int
) -> None:
    one = shelf(disk_quota_bytes=quota, client_quota_bytes=own, keep_days=days)
    one.clear()
    pictures, used, young, sizes = [one.image()], {}, set(), {}
    for kind, quarters, size, owner, place in history:
        old = timedelta(hours=6 * quarters)
        if kind in ("image", "mask"):
            pictures.append(one.image(old, size, owner, kind == "mask"))
            sizes[pictures[-1]] = size
            if old < FRESH:
                young.add(pictures[-1])
        else:
            content = pictures[place % len(pictures)]
            job = one.job(content, kind, old, size, owner)
            used[job] = content
            sizes[job] = size
            if kind not in FINISHED or old < YOUNG:
                young.add(job)
    one.sweep.round()
    with suppress(Refusal):
        one.sweep.make_room(ADA, 10)
    for job, content in used.items():
        assert one.has(content) or not one.has(job), "a job that stays keeps its pictures"
    assert all(map(one.has, young))
    left = [thing for thing in (*pictures, *used) if one.has(thing)]
    needed = young | {used[thing] for thing in young if thing in used}
    assert one.sweep.stock.bytes() <= quota or set(left) <= needed

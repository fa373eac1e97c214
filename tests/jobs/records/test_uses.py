"""A picture goes while a job with it is asked for: either it stays, or whoever asks is told."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jobs.conftest import ADA, AddJob, add_picture
from jobs.fake_engine import wait_until
from sqlalchemy import Engine, delete, func, select, text

from nst.errors import Refusal
from nst.jobs.filing.files import Folder
from nst.jobs.ids import new_id
from nst.jobs.models import Group, Job, JobSpec, StyleRef
from nst.jobs.records.library import Library
from nst.jobs.records.schema import images, jobs
from nst.jobs.records.stock import Item, Stock
from nst.jobs.records.store import Store
from nst.jobs.records.uses import hold, refuse_what_is_gone
from nst.jobs.steering import Steering


@pytest.fixture
def other(database: Callable[[], Engine]) -> Iterator[Store]:
    """Another process's."""
    made = Store(database(), lambda job, seq: None)
    yield made
    made.close()


def job_with(*pictures: str, group: str | None = None) -> Job:
    spec = JobSpec(content=pictures[0], styles=[StyleRef(image=one) for one in pictures[1:]])
    known = {"id": new_id(), "owner": ADA, "state": "queued", "created": datetime.now(UTC)}
    return Job(**known, spec=spec, steps=300, group=group)


def forget(store: Store, picture: str) -> None:
    with store.write() as change:
        change.connection.execute(delete(images).where(images.c.id == picture))


def waits(store: Store, done: Future) -> bool:
    """Whether somebody waits for a lock; SQLite has one writer at a time, of whom nobody can tell."""
    with store.read() as connection:
        if connection.dialect.name == "sqlite":
            return True
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return done.done() or bool(connection.scalar(text(waiting)))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_a_job_whose_picture_is_gone_never_comes_into_the_queue(
    store: Store, announced: list[tuple[str, int]]
) -> None:
    photo, style = add_picture(store), add_picture(store)
    job = job_with(photo, style)
    forget(store, style)
    assert refused(lambda: store.add_job(job, 9, 9)) == "not_found"
    group = Group(id=new_id(), owner=ADA, title=None, axes=[], members=[], created=job.created)
    members = [job_with(photo, photo, group=group.id), job_with(photo, style, group=group.id)]
    assert refused(lambda: store.add_group(group, members, 9, 9)) == "not_found"
    assert store.group(ADA, group.id) is None
    assert store.claim() is None
    assert announced == []


def test_a_change_whose_picture_is_gone_is_refused_and_not_kept(store: Store, add: AddJob) -> None:
    job, mask = add(), add_picture(store)
    forget(store, mask)
    assert refused(lambda: store.want(job.id, Steering(mask=mask))) == "not_found"
    assert store.job(job.id).wanted is None


@pytest.mark.parametrize("by", ["the sweep", "its owner"])
def test_a_picture_that_is_about_to_be_used_is_not_removed(
    store: Store, other: Store, tmp_path: Path, by: str
) -> None:
    photo = add_picture(store)
    job = job_with(photo, photo)
    if by == "the sweep":
        item = Item(job.created, "image", photo, 0)
        stock = Stock(other, Folder(tmp_path))
        remove = lambda: stock.remove(item)  # noqa: E731
    else:
        library = Library(other, Folder(tmp_path))
        remove = lambda: refused(lambda: library.forget_image(ADA, photo))  # noqa: E731
    with ThreadPoolExecutor(1) as pool:
        with store.write() as change:  # as `add_job` does, step by step
            refuse_what_is_gone(change.connection, job.pictures)
            done = pool.submit(remove)
            wait_until(lambda: waits(store, done))
            row = {"id": job.id, "owner": ADA, "spec": job.spec.model_dump(mode="json"), "steps": 300}
            change.connection.execute(jobs.insert().values(**row, state="queued", created=job.created))
            hold(change.connection, job.id, job.pictures)
        assert done.result(60) == (False if by == "the sweep" else "in_use")
    assert store.image(ADA, photo) is not None


def test_a_job_waits_for_a_removal_under_way_and_is_refused(store: Store, other: Store) -> None:
    photo = add_picture(store)
    with ThreadPoolExecutor(1) as pool:
        with store.write() as change:
            change.connection.execute(delete(images).where(images.c.id == photo))
            done = pool.submit(refused, lambda: other.add_job(job_with(photo, photo), 9, 9))
            wait_until(lambda: waits(store, done))
        assert done.result(60) == "not_found"
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(jobs)) == 0

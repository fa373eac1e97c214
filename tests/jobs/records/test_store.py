import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from jobs.conftest import AddJob, numbers
from sqlalchemy import Engine, func, select

from nst.errors import Refusal
from nst.jobs.ids import new_id
from nst.jobs.models import Job, Stage, StoredImage
from nst.jobs.records.schema import events
from nst.jobs.records.store import EVERYTHING, Store
from nst.jobs.steering import Steering


def kinds(store: Store, job: Job) -> list[tuple[str, object]]:
    log = store.log(job.id, 0, 100)
    assert [event.seq for event in log.events] == list(range(1, len(log.events) + 1))
    return [(event.kind, event.data.get("state", event.data.get("step"))) for event in log.events]


def test_what_another_worker_runs_is_left_alone(
    store: Store, add: AddJob, database: Callable[[], Engine]
) -> None:
    job = add()
    store.claim()
    other = Store(database(), lambda job, seq: None)
    assert other.record_step(job.id, numbers(1)).wish == "gone"
    assert not other.record_preview(job.id)
    assert not other.move(job.id, ("running",), "done")
    assert other.ask(job.id, "pause")
    assert store.record_step(job.id, numbers(1)).wish == "pause"
    other.close()


def test_a_job_comes_back_as_it_was_given(store: Store, add: AddJob) -> None:
    given = add()
    assert store.job(given.id) == given.model_copy(update={"position": 1})
    assert store.job(given.id, "bob") is None
    assert store.job(new_id()) is None


def test_an_image_is_its_owners_alone(store: Store) -> None:
    image = StoredImage(id=new_id(), owner="ada", width=3, height=4, created=datetime.now(UTC))
    store.add_image(image, "file")
    assert store.image("ada", image.id) == (image, "file")
    assert store.image("bob", image.id) is None


def test_a_sample_is_kept_once_for_each_owner(store: Store) -> None:
    def sample(owner: str) -> StoredImage:
        image = StoredImage(id=new_id(), owner=owner, width=3, height=4, created=datetime.now(UTC))
        return store.add_image(image, "shared", "starry")

    first = sample("ada")
    assert sample("ada") == first == store.sample_image("ada", "starry")
    assert sample("bob").id != first.id


def test_the_oldest_is_claimed_first_and_told(store: Store, add: AddJob) -> None:
    first, second = add(), add()
    assert [store.job(job.id).position for job in (first, second)] == [1, 2]
    claimed = store.claim()
    assert (claimed.id, claimed.state) == (first.id, "running")
    assert claimed.started is not None
    assert store.job(second.id).position == 1
    assert kinds(store, first) == [("state", "queued"), ("state", "running")]
    assert store.claim().id == second.id
    assert store.claim() is None


def test_what_had_begun_goes_before_what_had_not(store: Store, add: AddJob) -> None:
    first, second = add(), add()
    store.claim()
    third = add()
    store.move(first.id, ("running",), "paused")
    store.move(first.id, ("paused",), "queued")
    assert [store.job(job.id).position for job in (first, second, third)] == [1, 2, 3]
    begun = store.job(first.id).started
    assert store.claim().id == first.id
    assert store.job(first.id).started == begun


def test_of_many_who_claim_each_gets_another_job(store: Store, add: AddJob) -> None:
    added = {add().id for _ in range(20)}
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: store.claim(), range(40)))
    taken = [job.id for job in claimed if job is not None]
    assert len(taken) == 20
    assert set(taken) == added


def test_of_many_who_move_a_job_one_does(store: Store, add: AddJob) -> None:
    job = add()
    with ThreadPoolExecutor(8) as pool:
        moved = list(pool.map(lambda _: store.move(job.id, ("queued",), "cancelled"), range(16)))
    assert moved.count(True) == 1
    assert kinds(store, job) == [("state", "queued"), ("state", "cancelled")]
    assert store.job(job.id).finished is not None


def test_numbers_grow_by_one_whoever_writes(store: Store, add: AddJob, announced: list) -> None:
    jobs = [add() for _ in range(3)]
    for _ in jobs:
        store.claim()

    def write(index: int) -> None:
        job = jobs[index % 3]
        if index % 2:
            store.record_preview(job.id)
        else:
            store.record_step(job.id, numbers(1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(120)))
    for job in jobs:
        log = store.log(job.id, 0, 1000)
        assert [event.seq for event in log.events] == list(range(1, 43))
        previews = [event.data["seq"] for event in log.events if event.kind == "preview"]
        assert previews == list(range(1, 21))
        assert max(seq for told, seq in announced if told == job.id) == 42


def test_a_step_is_on_the_job_and_in_the_log(store: Store, add: AddJob) -> None:
    job = add()
    store.claim()
    assert store.record_step(job.id, numbers(3, loss=0.25)).wish == "go"
    now = store.job(job.id)
    assert (now.step, now.losses, now.width, now.height) == (3, {"total": 0.25}, 64, 48)
    assert store.log(job.id, 2, 10).events[0].data == numbers(3, loss=0.25)


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_is_left_out(store: Store, add: AddJob, loss: float) -> None:
    job = add()
    store.claim()
    store.record_step(job.id, numbers(1, loss))
    assert store.job(job.id).losses == {}
    assert store.log(job.id, 2, 10).events[0].data["losses"] == {}


def test_a_step_of_a_job_that_is_not_running_changes_nothing(store: Store, add: AddJob) -> None:
    job = add()
    assert store.record_step(job.id, numbers(1)).wish == "gone"
    assert not store.record_preview(job.id)
    assert kinds(store, job) == [("state", "queued")]
    assert store.record_step(new_id(), numbers(1)).wish == "gone"


def test_a_wish_reaches_the_painter_with_its_next_step(store: Store, add: AddJob) -> None:
    job = add()
    assert not store.ask(job.id, "pause")
    store.claim()
    assert store.ask(job.id, "pause")
    assert store.record_step(job.id, numbers(1)).wish == "pause"
    assert store.ask(job.id, None)
    assert store.record_step(job.id, numbers(2)).wish == "go"
    assert store.ask(job.id, "cancel")
    assert not store.ask(job.id, "pause")
    assert store.record_step(job.id, numbers(3)).wish == "cancel"


def test_a_wish_outlives_an_interruption_and_nothing_else(store: Store, add: AddJob) -> None:
    job = add()
    store.claim()
    store.ask(job.id, "cancel")
    store.move(job.id, ("running",), "interrupted")
    assert store.job(job.id).asked == "cancel"
    store.move(job.id, ("interrupted",), "queued")
    assert store.job(job.id).asked is None


def test_the_result_is_told_before_the_end(store: Store, add: AddJob) -> None:
    job = add()
    store.claim()
    store.move(job.id, ("running",), "failed", error="No luck.", result=(512, 384))
    assert kinds(store, job)[2:] == [("result", None), ("state", "failed")]
    assert store.log(job.id, 3, 1).events[0].data == {"state": "failed", "error": "No luck."}
    now = store.job(job.id)
    assert (now.state, now.error, now.has_result) == ("failed", "No luck.", True)


def test_the_queue_is_bounded_for_one_and_for_all(store: Store, add: AddJob) -> None:
    for _ in range(2):
        add("ada", per_client=2)
    with pytest.raises(Refusal, match="2 of your paintings") as mine:
        add("ada", per_client=2)
    with pytest.raises(Refusal, match="full") as all_full:
        add("bob", total=2)
    assert mine.value.code == all_full.value.code == "queue_full"
    store.claim()
    add("ada", per_client=2)


def test_pages_go_from_newest_to_oldest_and_leave_none_out(store: Store, add: AddJob) -> None:
    mine = [add().id for _ in range(5)]
    add("bob")
    seen: list[str] = []
    following = None
    sizes = []
    while True:
        page, following = store.jobs("ada", 2, following)
        sizes.append(len(page))
        seen += [job.id for job in page]
        if following is None:
            break
    assert seen == mine[::-1]
    assert sizes == [2, 2, 1]


def test_deleting_takes_the_log_and_wakes_those_who_follow(
    store: Store, add: AddJob, announced: list
) -> None:
    job = add()
    assert not store.delete("bob", job.id)
    assert store.delete("ada", job.id)
    assert store.job(job.id) is None
    assert store.log(job.id, 0, 10) is None
    assert announced[-1] == (job.id, EVERYTHING)
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(events)) == 0


def test_the_log_is_read_in_pages_from_any_number(store: Store, add: AddJob) -> None:
    job = add()
    store.claim()
    for index in range(1, 6):
        store.record_step(job.id, numbers(index))
    page = store.log(job.id, 2, 3)
    assert [event.seq for event in page.events] == [3, 4, 5]
    assert (page.last, page.complete) == (5, False)
    assert store.log(job.id, 7, 3).last == 7
    assert store.log(job.id, 10**12, 3).last == 7
    store.move(job.id, ("running",), "done")
    assert not store.log(job.id, 2, 3).complete
    assert store.log(job.id, 5, 3).complete
    assert store.log(job.id, 10**12, 3).complete


def test_a_new_store_on_the_same_database_knows_everything(
    store: Store, add: AddJob, database: Callable[[], Engine]
) -> None:
    job = add()
    again = Store(database(), lambda job, seq: None)
    assert again.job(job.id) == store.job(job.id)
    again.close()


# Steering


def test_wanted_changes_gather_until_they_are_made(store: Store, add: AddJob) -> None:
    job = add()
    store.claim()
    store.record_step(job.id, numbers(1))
    assert store.want(job.id, Steering(options={"style_weight": 2.0}))
    assert store.want(job.id, Steering(options={"style_weight": 3.0, "tv_weight": 1.5}))
    orders = store.record_step(job.id, numbers(2))
    assert orders.wanted == Steering(options={"style_weight": 3.0, "tv_weight": 1.5})
    made = store.record_change(job.id, orders.wanted.at(2))
    assert (made.changes, made.wanted) == ([orders.wanted.at(2)], None)
    assert store.record_step(job.id, numbers(3)).wanted is None
    told = [event.data for event in store.log(job.id, 0, 100).events if event.kind == "change"]
    assert told == [{"step": 2, "changed": {"style_weight": 3.0, "tv_weight": 1.5}}]


def test_what_is_wanted_while_a_change_is_made_is_not_lost(store: Store, add: AddJob) -> None:
    job = add()
    store.claim()
    store.want(job.id, Steering(options={"style_weight": 2.0}))
    taken = store.record_step(job.id, numbers(1)).wanted
    store.want(job.id, Steering(weights=[4]))
    made = store.record_change(job.id, taken.at(1))
    assert made.wanted.weights == [4.0]
    assert store.record_step(job.id, numbers(2)).wanted == made.wanted


def test_a_change_that_is_made_again_is_kept_once(store: Store, add: AddJob) -> None:
    job = add()
    store.claim()
    change = Steering(options={"steps": 9}).at(4)
    for _ in range(2):
        now = store.record_change(job.id, change)
    assert (now.changes, now.steps) == ([change], 9)


def test_a_refused_change_is_dropped_with_its_reason(store: Store, add: AddJob) -> None:
    job = add()
    store.claim()
    store.want(job.id, Steering(options={"tv_weight": 9.0}))
    store.record_refused_change(job.id, Steering(options={"tv_weight": 9.0}).at(3), "No.")
    now = store.job(job.id)
    assert (now.changes, now.wanted) == ([], None)
    assert store.log(job.id, 2, 10).events[0].data == {
        "step": 3,
        "changed": {"tv_weight": 9.0},
        "refused": "No.",
    }


def test_nothing_can_be_wanted_where_no_step_will_come(store: Store, add: AddJob) -> None:
    job = add()
    change = Steering(options={"tv_weight": 9.0})
    assert not store.want(new_id(), change)
    store.claim()
    store.record_step(job.id, numbers(7))
    assert not store.want(job.id, change)
    store.move(job.id, ("running",), "done")
    assert not store.want(job.id, change)
    assert store.record_change(job.id, change.at(7)) is None


def test_a_want_outlives_an_interruption_and_ends_with_the_job(store: Store, add: AddJob) -> None:
    job = add()
    store.claim()
    store.want(job.id, Steering(weights=[4]))
    for source, target in (("running", "interrupted"), ("interrupted", "queued"), ("queued", "paused")):
        store.move(job.id, (source,), target)
        assert store.job(job.id).wanted == Steering(weights=[4])
    store.move(job.id, ("paused",), "cancelled")
    assert store.job(job.id).wanted is None


def test_a_waiting_job_shows_at_once_how_many_steps_it_will_have(store: Store, add: AddJob) -> None:
    job = add()
    store.want(job.id, Steering(options={"steps": 12}))
    assert store.job(job.id).steps == 12
    store.claim()
    store.record_step(job.id, numbers(5))
    store.move(job.id, ("running",), "paused")
    store.want(job.id, Steering(options={"steps": 2}))
    assert store.job(job.id).steps == 5


def test_of_many_who_want_something_each_is_heard(store: Store, add: AddJob) -> None:
    job = add()
    wishes = [Steering(options={name: 2.0 + n}) for n, name in enumerate(("style_weight", "tv_weight"))]
    wishes += [Steering(weights=[7]), Steering(mask=None), Steering(regions=[])]
    with ThreadPoolExecutor(5) as pool:
        assert all(pool.map(lambda wish: store.want(job.id, wish), wishes))
    wanted = store.job(job.id).wanted
    assert wanted.live == {"style_weight": 2.0, "tv_weight": 3.0}
    assert wanted.chosen.keys() == {"options", "weights", "mask", "regions"}


def test_stages_are_on_the_job(store: Store, add: AddJob) -> None:
    job = add()
    store.record_stages(job.id, [Stage(step=1, scale=0), Stage(step=9, scale=1)])
    assert store.job(job.id).stages == [Stage(step=1, scale=0), Stage(step=9, scale=1)]

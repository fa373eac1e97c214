from components.reading import MOST_POINTS, OVERLAP, Reading
from nst.jobs.models import Event


def test_reads_on_from_the_last_event(log):
    first = Reading("j1").advanced(log(1, 2))
    second = first.advanced(log(3, first_seq=3))
    assert (first.after, second.after) == (2, 3)
    assert second.last.step == 3
    assert [point.step for point in second.points] == [1, 2, 3]


def test_no_events_change_nothing(log):
    reading = Reading("j1").advanced(log(1))
    assert reading.advanced([]) is reading


def test_other_kinds_of_event_only_move_the_cursor(log):
    reading = Reading("j1").advanced(log(1))
    event = Event(job="j1", seq=9, kind="preview", data={"seq": 4}, created=log(1)[0].created)
    assert reading.advanced([event]).after == 9
    assert reading.advanced([event]).points == reading.points


def test_a_long_run_has_no_more_points_than_can_be_seen(log):
    reading = Reading("j1").advanced(log(*range(1, 10_001), steps=10_000))
    drawn = [point.step for point in reading.points]
    assert drawn[0] == 1
    assert drawn[-1] == 10_000
    assert MOST_POINTS <= len(drawn) <= MOST_POINTS + 2


def test_gaps_in_a_long_log_are_no_gaps_in_its_curves(log):
    kept = [*range(1, 1501, 10), 1500]  # of a finished run; every third step is drawn while it runs
    drawn = Reading("j1").advanced(log(*kept, steps=1500)).points
    assert [point.step for point in drawn] == kept


def test_curves_read_in_parts_are_those_read_at_once(log):
    at_once = Reading("j1").advanced(log(*range(1, 1501), steps=1500))
    reading = Reading("j1")
    for first in range(1, 1501, 7):
        reading = reading.advanced(log(*range(first, min(first + 7, 1501)), first_seq=first, steps=1500))
    assert reading.points == at_once.points


def test_steps_painted_again_after_an_interruption_are_drawn_once(log):
    reading = Reading("j1").advanced(log(1, 2, 3, 4)).advanced(log(3, 4, 5, first_seq=5))
    assert [point.step for point in reading.points] == [1, 2, 3, 4, 5]


def test_new_points_overlap_with_those_sent_before(log):
    before = Reading("j1").advanced(log(*range(1, 101)))
    after = before.advanced(log(101, 102, first_seq=101))
    sent = [point.step for point in after.points_since(before)]
    assert sent == list(range(101 - OVERLAP, 103))


def test_a_reading_without_points_sends_all_new_ones(log):
    before = Reading("j1", after=100)
    after = before.advanced(log(*range(101, 201), first_seq=101))
    assert len(after.points_since(before)) == 100


def test_the_newest_refused_change_is_remembered(log):
    told = {"step": 3, "changed": {"mask": "m"}, "refused": "The mask is gone."}
    events = [
        Event(job="j1", seq=seq, kind="change", data=data, created=log(1)[0].created)
        for seq, data in ((8, told), (9, {"step": 4, "changed": {"steps": 9}}))
    ]
    assert Reading("j1").advanced(events).refused == (8, "The mask is gone.")

from datetime import UTC, datetime

from jobs.fake_engine import picture, wait_until

from components import history, ids, opening, restoring


def test_nothing_painted_yet():
    (hint,) = history.entries([], None)
    assert hint.children == "What you paint will hang here."


def test_each_painting_links_to_its_own_page(job):
    jobs = [[job(id="a", state="done", has_result=True)], [job(id="b", state="queued", position=1)]]
    first, second = history.entries(jobs, None)
    assert [entry.children[0].href for entry in (first, second)] == ["/jobs/a", "/jobs/b"]
    assert first.children[0].children.src == "/api/v1/jobs/a/result.png"
    assert "Next in line" in second.children[0].title


def test_the_shown_painting_is_marked_and_cannot_be_deleted_from_under_the_page(job):
    shown, other = history.entries([[job(id="a")], [job(id="b")]], "a")
    assert "is-shown" in shown.className
    assert "history-remove" not in str(shown)
    assert str(ids.history_remove("b")) in str(other)


def test_a_painting_is_deleted_only_after_a_question(job):
    (entry,) = history.entries([[job(id="a")]], None)
    question = entry.children[-1]
    assert question.hidden
    assert [button.children for button in question.children] == ["Keep", "Delete"]


def test_the_time_of_a_painting_can_be_told_in_the_visitors_own(job):
    (entry,) = history.entries([[job(id="a")]], None)
    assert entry.children[1].dateTime == "2030-05-01T12:00:00+00:00"


def test_a_painting_that_is_not_kept_for_ever_says_until_when(job):
    (for_ever,), (for_days,) = (
        history.entries([[job(id="a", expires=expires)]], None)
        for expires in (None, datetime(2030, 5, 31, 12, tzinfo=UTC))
    )
    assert "kept until" not in str(for_ever)
    assert "kept until 31 May" in str(for_days)


def test_the_list_holds_the_visitors_paintings_and_forgets_a_deleted_one(page):
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    body = {"content": image, "styles": [{"image": image}], "options": {"size": 64, "steps": 2}}
    job = page.client.post("/api/v1/jobs", json=body).json()["id"]
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
    assert f"/jobs/{job}" in str(page.fire(ids.HISTORY_STAMP, "data", 1)[ids.HISTORY])
    changed = page.choose(ids.history_remove(job))[ids.HISTORY_STAMP]["data"]
    left = page.fire(ids.HISTORY_STAMP, "data", changed)[ids.HISTORY]["children"]
    assert "What you paint will hang here." in str(left)
    assert page.client.get(f"/api/v1/jobs/{job}").status_code == 404


def test_a_painting_is_used_again_with_its_pictures_and_settings(page):
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    body = {"content": image, "styles": [{"image": image}], "options": {"size": 64, "steps": 2}}
    job = page.client.post("/api/v1/jobs", json=body).json()["id"]
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
    told = page.choose(ids.history_again(job))
    assert told[ids.CONTENT]["data"]["id"] == image
    assert told[ids.STYLES]["data"][0]["id"] == image
    assert told[ids.option("size")] == {"value": 64}
    assert restoring.AGAIN in str(told[ids.RESTORED])
    assert ids.JOB not in told, "what hangs on the easel stays there"


def test_two_can_be_chosen_only_of_what_has_a_picture(job):
    done, waiting = history.entries([[job(id="a", state="done", has_result=True)], [job(id="b")]], None)
    assert "data-pick" in str(done)
    assert "data-pick" not in str(waiting)


def test_older_paintings_can_be_reached(page, engine):
    engine.hold()
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    body = {"content": image, "styles": [{"image": image}], "options": {"size": 64, "steps": 2}}
    for _ in range(history.PAGE + 1):
        job = page.client.post("/api/v1/jobs", json=body).json()["id"]
        page.client.post(f"/api/v1/jobs/{job}/cancel")
    first = page.fire(ids.HISTORY_STAMP, "data", 1)
    assert len(first[ids.HISTORY]["children"]) == history.PAGE
    assert first[ids.HISTORY_OLDER]["hidden"] is False
    more = page.fire(ids.HISTORY_OLDER, "n_clicks", 1, history_shown=history.PAGE)
    assert len(more[ids.HISTORY]["children"]) == history.PAGE + 1
    assert more[ids.HISTORY_OLDER]["hidden"] is True


def test_a_shown_painting_that_was_deleted_elsewhere_leaves_the_easel(page):
    told = page.fire(ids.HISTORY_ELSEWHERE, "data", 1, job_id="0" * 32)
    assert told[ids.PAGE]["data-state"] == "empty"
    assert told[ids.RESULT]["data"] is None
    assert opening.LOST in str(told[ids.NOTICE])

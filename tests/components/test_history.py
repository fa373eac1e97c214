from jobs.fake_engine import picture, wait_until

from components import history, ids


def test_nothing_painted_yet():
    (hint,) = history.entries([], None)
    assert hint.children == "What you paint will hang here."


def test_each_painting_links_to_its_own_page(job):
    jobs = [job(id="a", state="done", has_result=True), job(id="b", state="queued", position=1)]
    first, second = history.entries(jobs, None)
    assert [entry.children[0].href for entry in (first, second)] == ["/jobs/a", "/jobs/b"]
    assert first.children[0].children.src == "/api/v1/jobs/a/result.png"
    assert "Next in line" in second.children[0].title


def test_the_shown_painting_is_marked_and_cannot_be_deleted_from_under_the_page(job):
    shown, other = history.entries([job(id="a"), job(id="b")], "a")
    assert "is-shown" in shown.className
    assert len(shown.children) == 1
    assert other.children[1].id == ids.history_remove("b")


def test_the_list_holds_the_visitors_paintings_and_forgets_a_deleted_one(page):
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    body = {"content": image, "styles": [{"image": image}], "options": {"size": 64, "steps": 2}}
    job = page.client.post("/api/v1/jobs", json=body).json()["id"]
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
    assert f"/jobs/{job}" in str(page.fire(ids.HISTORY_STAMP, "data", 1)[ids.HISTORY])
    left = page.choose(ids.history_remove(job))[ids.HISTORY]["children"]
    assert "What you paint will hang here." in str(left)
    assert page.client.get(f"/api/v1/jobs/{job}").status_code == 404

import pytest

from components import urls


@pytest.mark.parametrize(
    ("path", "job"),
    [("/jobs/abc", "abc"), ("/", None), (None, None), ("/jobs/", None), ("/jobs/a/b", None), ("/docs", None)],
)
def test_the_job_that_a_path_names(path, job):
    assert urls.job_of(path) == job


def test_a_jobs_page_names_it():
    assert urls.job_of(urls.page("abc")) == "abc"


def test_each_preview_has_an_address_of_its_own():
    assert urls.preview("j", 1) != urls.preview("j", 2)


def test_the_addresses_exist(server):
    known = server.openapi()["paths"]
    for path in (urls.thumbnail("{image_id}"), urls.image("{image_id}"), urls.sample("{name}"),
                 urls.result("{job_id}"), urls.preview("{job_id}", 1).split("?")[0]):  # fmt: skip
        assert path in known

from dataclasses import dataclass

from components import gallery, ids
from nst.gallery.catalogue import samples


@dataclass
class Entry:
    kind: str
    name: str
    title: str = "A title"


def test_examples_use_a_photograph_again_when_there_are_too_few():
    entries = [Entry("photo", "p"), Entry("style", "a"), Entry("style", "b")]
    assert [(photo.name, style.name) for photo, style in gallery.examples(entries)] == [
        ("p", "a"),
        ("p", "b"),
    ]


def test_without_photographs_there_are_no_examples():
    assert gallery.examples([Entry("style", "a")]) == []


def test_every_sample_hangs_in_the_gallery_with_its_title_and_credit():
    shown = str(gallery.layout(samples()))
    for sample in samples():
        assert repr(ids.sample(sample.kind, sample.name)) in shown
        assert sample.credit.replace("'", "\\'") in shown or sample.credit in shown


def test_a_photograph_of_the_gallery_becomes_the_content(page):
    name = next(sample.name for sample in samples() if sample.kind == "photo")
    picture = page.choose(ids.sample("photo", name))[ids.CONTENT]["data"]
    assert page.client.get(picture["thumbnail"]).status_code == 200


def test_a_painting_of_the_gallery_becomes_the_only_style(page):
    name = next(sample.name for sample in samples() if sample.kind == "style")
    (style,) = page.choose(ids.sample("style", name))[ids.STYLES]["data"]
    assert page.client.get(style["url"]).status_code == 200


def test_buttons_that_only_just_appeared_choose_nothing(page):
    name = next(sample.name for sample in samples() if sample.kind == "photo")
    told = page.choose(ids.sample("photo", name), clicks=None)
    assert ids.CONTENT not in told

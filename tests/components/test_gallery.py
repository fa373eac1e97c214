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


def painting(name: str) -> dict:
    return {"id": name, "share": 50}


def test_a_click_replaces_one_painting_and_joins_a_blend():
    a, b, new = painting("a"), painting("b"), painting("new")
    assert gallery.hung([], new, adds=False) == ([new], None)
    assert gallery.hung([a], new, adds=False) == ([new], None)
    assert gallery.hung([a, b], new, adds=False) == ([a, b, new], None)


def test_the_plus_always_adds():
    a, new = painting("a"), painting("new")
    assert gallery.hung([], new, adds=True) == ([new], None)
    assert gallery.hung([a], new, adds=True) == ([a, new], None)


def test_a_full_blend_and_a_painting_that_hangs_already_are_told():
    blend = [painting(name) for name in "abcd"]
    assert gallery.hung(blend, painting("new"), adds=False) == (
        None,
        "Four paintings fit. Remove one to make room.",
    )
    assert gallery.hung(blend, painting("a"), adds=True) == (None, "That painting is in the blend already.")


def test_pictures_of_the_gallery_come_with_their_size(page):
    shelf = gallery.layout(samples())
    sizes = [(part.width, part.height) for part in shelf._traverse() if getattr(part, "_type", "") == "Img"]
    assert len(sizes) == len(samples())
    assert all(max(size) <= 512 and min(size) > 0 for size in sizes)

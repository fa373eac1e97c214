"""JSON as no program writes it: what is right but odd, and what is hardly JSON any more."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

PLACE = "\ue000place\ue000"  # in a document, where something strange comes
NAMES = (
    *("content", "contents", "styles", "image", "weight", "weights", "guide", "guides", "mask", "regions"),
    *(
        "style",
        "options",
        "size",
        "steps",
        "style_weight",
        "seed",
        "vary",
        "title",
        "clicks",
        "x",
        "y",
        "add",
    ),
    *("strength", "format", "video", "quality", "name", "width", "height", "init", "", "__proto__", "$ref"),
)
NUMBERS = (
    *("0", "-0", "1", "-1", "0.5", "1e308", "-1e308", "1e309", "1e-400", "1E400", "2147483648", "4294967296"),
    *("9223372036854775808", "1" * 4301, "0." + "3" * 5000, "NaN", "Infinity", "-Infinity", "01", "1.", "+1"),
    *("0x10", "1_000", "١"),
)
WORDS = (
    *(
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\u0000"',
        '"\\u202e"',
        '"\x00"',
        '"\\x"',
        '"',
        "'a'",
        '"' + "x" * 70_000,
    ),
    *('"../../etc/passwd"', '"content"', '"statistics"', '"' + "0" * 32 + '"', '"' + "é" * 300 + '"'),
    *("null", "true", "nul", "undefined", "{}", "[]", "{", "]", ",", "", "/**/1"),
)


def deep() -> st.SearchStrategy[str]:
    """Brackets in brackets, closed or not."""
    pairs = st.sampled_from((("[", "]"), ('{"options":', "}"), ('{"a":[', "]}"), ("[[],", "]")))
    depth = st.sampled_from((10, 200, 1_000, 50_000))
    return st.builds(
        lambda pair, times, is_closed: pair[0] * times + "1" + pair[1] * times * is_closed,
        pairs,
        depth,
        st.booleans(),
    )


def texts() -> st.SearchStrategy[str]:
    """One value, of any kind and depth."""
    names = st.sampled_from(NAMES) | st.text(max_size=20)
    plain = st.one_of(
        st.sampled_from(NUMBERS),
        st.sampled_from(WORDS),
        st.integers().map(str),
        st.floats().map(json.dumps),
        st.text().map(json.dumps),
    )

    def larger(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        # Of pairs and not of a dictionary, so that a name can come twice.
        pairs = st.tuples(names.map(json.dumps), smaller).map(":".join)
        return st.one_of(
            st.lists(smaller, max_size=6).map(lambda values: f"[{','.join(values)}]"),
            st.lists(pairs, max_size=6).map(lambda values: f"{{{','.join(values)}}}"),
        )

    return st.one_of(st.recursive(plain, larger, max_leaves=12), deep())


def damaged(documents: list[Any]) -> st.SearchStrategy[str]:
    """One of these documents with something strange in a place of it, or a name of it twice."""
    holed = [json.dumps(holed) for document in documents for holed in _holed(document)]
    return st.builds(
        lambda document, text: document.replace(json.dumps(PLACE), text), st.sampled_from(holed), texts()
    )


def encoded(text: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """As bytes, mostly those that JSON is."""
    ways = st.sampled_from(("utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1"))
    return st.builds(lambda text, way: text.encode(way, _ERRORS.get(way, "surrogatepass")), text, ways)


_ERRORS = {"latin-1": "replace"}


def _holed(document: Any) -> Iterator[Any]:
    """The document with a hole in each of its places, and with one more name of each kind."""
    yield PLACE
    if isinstance(document, dict):
        yield {**document, "odd": PLACE}
        for name, value in document.items():
            for inner in _holed(value):
                yield {**document, name: inner}
    elif isinstance(document, list):
        yield [*document, PLACE]
        for place, value in enumerate(document):
            for inner in _holed(value):
                yield [*document[:place], inner, *document[place + 1 :]]

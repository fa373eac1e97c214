"""Requests for the page's callbacks as nobody's browser makes them."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Json = Any
Call = dict[str, Json]

PLAIN: list[Json] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        3.5,
        1e308,
        -1e308,
        10**30,
        "",
        "x",
        "x" * 5000,
        "\ud800",
        "\0",
        "../../etc/passwd",
    ),
    *(
        "0" * 32,
        "<script>alert(1)</script>",
        [],
        {},
        [None],
        [[]],
        [{}],
        {"id": None},
        {"id": []},
        {"id": "x"},
    ),
    *(
        [0] * 2000,
        [{"id": "x"}] * 50,
        {"together": 3},
        {"together": [{}]},
        {"error": {}},
        {"job": 1, "last": 2},
    ),
    *(
        {"props": {"children": []}, "type": "Div", "namespace": "dash_html_components"},
        [["a", "b"]],
        "/jobs/x",
    ),
]
NAMED = ("output", "outputs", "inputs", "state", "changedPropIds")


def called(callback: Json, values: Callable[[], Json], ids: Callable[[], str]) -> Call:
    """A call of one callback, well formed, with some value for each thing it is told."""
    inputs = [_filled(entry, values, ids) for entry in callback["inputs"]]
    state = [_filled(entry, values, ids) for entry in callback["state"]]
    first = inputs[0][0] if inputs and isinstance(inputs[0], list) else inputs[0] if inputs else None
    changed = [f"{_name(first['id'])}.{first['property']}"] if first else []
    output = callback["output"]
    return {
        "output": output,
        "outputs": _outputs(output),
        "inputs": inputs,
        "state": state,
        "changedPropIds": changed,
    }


def broken(call: Call, values: Callable[[], Json], dice: Random) -> Call:
    """The call with something about its form that is not as Dash makes it."""
    call = copy.deepcopy(call)
    for _ in range(dice.randrange(1, 3)):
        where, key = dice.choice(list(_places(call)))
        if dice.random() < 0.3:
            if isinstance(where, dict) and isinstance(key, str):
                where.pop(key, None)
        elif isinstance(key, str) or key < len(where):
            where[key] = values()
    return call


def _places(thing: Json, depth: int = 0) -> Iterator[tuple[Json, Json]]:
    keys = list(thing) if isinstance(thing, dict) else range(len(thing)) if isinstance(thing, list) else ()
    for key in keys:
        yield thing, key
        if depth < 3:
            yield from _places(thing[key], depth + 1)


def _filled(entry: Json, values: Callable[[], Json], ids: Callable[[], str]) -> Json:
    if not entry["id"].startswith("{"):
        return {"id": entry["id"], "property": entry["property"], "value": values()}
    pattern = json.loads(entry["id"])
    one = {
        name: ids()
        if isinstance(value, list) and name != "place"
        else 0
        if isinstance(value, list)
        else value
        for name, value in pattern.items()
    }
    return [{"id": one, "property": entry["property"], "value": values()}]


def _name(element: Json) -> str:
    return element if isinstance(element, str) else json.dumps(element, sort_keys=True, separators=(",", ":"))


def _outputs(output: str) -> Json:
    pairs = [name.rsplit(".", 1) for name in output.strip(".").split("...") if "." in name]
    found = [{"id": element, "property": prop.split("@")[0]} for element, prop in pairs]
    return found if output.startswith("..") else (found[0] if found else [])

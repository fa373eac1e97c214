"""No callback may hold up the event loop: Dash runs plain functions on it, for everybody."""

import ast
from pathlib import Path

COMPONENTS = Path(__file__).resolve().parents[2] / "components"
WAITING = {"sleep", "open", "read_bytes", "read_text", "write_bytes", "write_text"}
MANY_CALLBACKS = 15
MANY_THREADS = 8


def functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [
        (f"{path.name}:{node.lineno} {node.name}", node)
        for path in sorted(COMPONENTS.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def is_callback(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr == "callback"
        for decorator in node.decorator_list
    )


def own_calls(node: ast.AST) -> list[ast.Call]:
    """Calls in a function's body, without those of functions defined inside it."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.Call):
            found.append(child)
        found += own_calls(child)
    return found


def waits(call: ast.Call) -> bool:
    """Whether this call asks the studio itself, or one of the usual things that block."""
    called = call.func
    if isinstance(called, ast.Name):
        return called.id in WAITING or called.id in ("look", "_reopened", "_unfinished")
    if not isinstance(called, ast.Attribute):
        return False
    asked = ast.unparse(called.value)
    if called.attr == "follow":  # the one thing that a studio does on the event loop
        return False
    return asked in ("studio", "self._studio") or (called.attr in WAITING and asked != "asyncio")


def test_every_callback_is_async():
    callbacks = [(place, node) for place, node in functions() if is_callback(node)]
    assert len(callbacks) >= MANY_CALLBACKS
    assert [place for place, node in callbacks if not isinstance(node, ast.AsyncFunctionDef)] == []


def test_nothing_async_waits_on_the_event_loop():
    coroutines = [(place, node) for place, node in functions() if isinstance(node, ast.AsyncFunctionDef)]
    assert len(coroutines) >= MANY_CALLBACKS
    assert [
        f"{place}: {ast.unparse(call)}"
        for place, node in coroutines
        for call in own_calls(node)
        if waits(call)
    ] == []


def test_the_studio_is_asked_in_threads():
    asked = [
        call
        for _, node in functions()
        for call in own_calls(node)
        if ast.unparse(call.func) == "asyncio.to_thread"
    ]
    assert len(asked) >= MANY_THREADS


def test_callbacks_fit_on_a_screen():
    assert [place for place, node in functions() if node.end_lineno - node.lineno > 40] == []


def test_the_tests_see_what_they_look_for():
    guilty = ast.parse(
        "async def bad():\n    studio.jobs(owner)\n    time.sleep(1)\n    look(studio, owner, x)"
    )
    assert [waits(call) for call in own_calls(guilty.body[0])] == [True, True, True]
    innocent = ast.parse(
        "async def good():\n    await asyncio.to_thread(studio.jobs, owner)\n    await asyncio.sleep(1)"
    )
    assert not any(waits(call) for call in own_calls(innocent.body[0]))

"""No coroutine of the API waits for disk or database: it would hold up everybody."""

import ast
from collections.abc import Iterator
from pathlib import Path

import nst.api

MAY_BE_CALLED = {"follow"}  # the studio's one asynchronous method


def coroutines() -> Iterator[tuple[str, ast.AsyncFunctionDef]]:
    for path in sorted(Path(nst.api.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AsyncFunctionDef):
                yield path.name, node


def test_no_coroutine_calls_the_studio_or_opens_a_file() -> None:
    found, looked = [], 0
    for name, coroutine in coroutines():
        looked += 1
        for call in (node for node in ast.walk(coroutine) if isinstance(node, ast.Call)):
            called = ast.unparse(call.func)
            of_studio = called.startswith("studio.") and called.removeprefix("studio.") not in MAY_BE_CALLED
            if of_studio or called == "open" or called.endswith((".read_bytes", ".read_text", "time.sleep")):
                found.append((name, coroutine.name, called))
    assert found == []
    assert looked >= 10

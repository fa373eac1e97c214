"""Whose cameras are painted: one of each visitor, and so many at a time."""

from collections.abc import Callable

from nst.errors import Refusal


class Cameras:
    """Never waits: it belongs to the event loop of the server, and to it alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[str, tuple[object, Callable[[], None]]] = {}

    def open(self, owner: str, replaced: Callable[[], None]) -> object:
        """Room for one more camera, until `close` gets what this returns. `replaced` is called when the same
        visitor opens another: the newest counts.

        Raises:
            Refusal: `cameras_full`.
        """
        camera = object()
        older = self._open.get(owner)
        if older is None and len(self._open) >= self._most:
            raise Refusal(
                "cameras_full",
                "All places at the studio’s camera are taken just now. Try again in a minute, "
                "or use the page that paints on your own device.",
            )
        self._open[owner] = camera, replaced
        if older is not None:
            older[1]()
        return camera

    def close(self, owner: str, camera: object) -> None:
        if owner in self._open and self._open[owner][0] is camera:
            del self._open[owner]

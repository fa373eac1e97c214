"""The server's process: how it says that it is there, and how it ends."""

import socket

import uvicorn

from nst.jobs.studio import Studio


class StudioServer(uvicorn.Server):
    """Uvicorn, which lets those who follow a painting go before it waits for them.

    It waits for all answers to end before it tells the application (lifespan) that it stops; but an event
    stream ends only when the studio says so. Without this, a stop takes the whole graceful timeout.
    """

    def __init__(self, config: uvicorn.Config, studio: Studio, greeting: str = "") -> None:
        """`greeting` is printed once requests are answered and signals heard."""
        super().__init__(config)
        self._studio = studio
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._greeting:
            print(self._greeting, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._studio.let_go()
        await super().shutdown(sockets)

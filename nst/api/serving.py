"""The server's process: how it listens, how it says that it is there, and how it ends."""

import socket
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from nst.api.camera import FRAME_BYTES
from nst.api.connections import HttpConnection, WebsocketConnection
from nst.jobs.studio import Studio


def configured(server: FastAPI, **more: Any) -> uvicorn.Config:
    """How uvicorn serves the application, with patience for nobody who has none for the others."""
    chosen: dict[str, Any] = {
        "http": HttpConnection,
        "ws": WebsocketConnection,
        "ws_max_size": 2 * FRAME_BYTES,  # a frame that is too large is told so, and not just cut off
        "ws_per_message_deflate": False,  # small messages, many of them: deflating costs more than it saves
        "log_config": None,  # logs.py has it
        "access_log": False,
        "timeout_graceful_shutdown": 3,  # open websockets never finish by themselves
    }
    return uvicorn.Config(server, **(chosen | more))


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

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """One signal is enough: at a second one uvicorn would break off, and log at length what."""
        if not self.should_exit:
            super().handle_exit(sig, frame)

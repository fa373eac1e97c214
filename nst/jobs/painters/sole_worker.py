"""The only painter of a data folder, within the server's own process."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from nst.jobs.filing import folder
from nst.jobs.filing.files import Files
from nst.jobs.painters.engine import Engine
from nst.jobs.painters.recovery import recover
from nst.jobs.painters.speed import Speed
from nst.jobs.painters.video_work import PainterFor
from nst.jobs.painters.worker import ThreadWorker
from nst.jobs.records.store import Store


class SoleWorker(ThreadWorker):
    """Holds the folder while it works; what an earlier process left there it takes up at once."""

    def __init__(
        self,
        root: Path,
        store: Store,
        files: Files,
        speed: Speed,
        load: Callable[[], Engine],
        video_painter: PainterFor,
    ) -> None:
        super().__init__(store, files, speed, load, video_painter)
        self._root = root
        self._hold: sqlite3.Connection | None = None

    def start(self) -> None:
        """Raises `Refusal` (data_dir_in_use) when another process has the same folder."""
        self._hold = folder.hold(self._root)
        recover(self._store, self._files, self._leases)  # nobody else is there whose jobs they could be
        super().start()

    def close(self) -> None:
        super().close()
        if self._hold is not None:
            self._hold.close()
            self._hold = None

"""The API in a process of its own, on a real socket, with engine and networks that are quick and fake.

    python -m api.host FOLDER [PACE]

Prints its address once it listens; ends at SIGTERM as the studio does. A step takes `PACE` seconds.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from jobs.fake_engine import PATIENCE, FakeEngine
from jobs.fake_networks import FakeNetworks
from video.painters import Negative

from nst.api import create_api
from nst.api.serving import StudioServer
from nst.jobs.studio import Studio
from nst.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def hosted(folder: Path, pace: float = 0.0) -> Iterator[str]:
    """Its address, while it runs."""
    command = [sys.executable, "-m", "api.host", str(folder), str(pace)]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(PATIENCE)


def main(folder: str, pace: str = "0") -> None:
    many = 1_000_000
    settings = Settings(
        data_dir=Path(folder),
        queued_per_client=20,
        requests_per_minute=many,
        uploads_per_minute=many,
        jobs_per_minute=many,
        previews_per_minute=many,
    )
    studio = Studio(
        settings,
        FakeEngine(float(pace)).load,
        video_painter=lambda styles, options: Negative(),
        networks=FakeNetworks().load,
    )
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_api(studio), log_level="warning", ws="none", timeout_graceful_shutdown=3)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    StudioServer(config, studio, address).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Real servers that tests start for themselves, on free ports, in folders that go away with them."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pg8000.dbapi
import redis

_USER = "studio"
_PATIENCE = 60.0  # seconds


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def postgres_programs() -> Path | None:
    """The newest folder with initdb in it; none where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def postgres(programs: Path, *, durable: bool = False) -> Iterator["Postgres"]:
    """A cluster of its own, which waits for the disk only if it is `durable`.

    PostgreSQL refuses to run as root: then it runs as the user `postgres`.
    """
    folder = Path(tempfile.mkdtemp(prefix="pentimento-pg-"))
    as_user = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    server = Postgres(programs, folder, as_user, free_port(), durable)
    try:
        server.run("initdb", "-D", server.data, "-A", "trust", "-U", _USER, "--no-sync", "-E", "UTF8")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """A server that can be stopped and started again."""

    def __init__(self, programs: Path, folder: Path, as_user: list[str], port: int, durable: bool) -> None:
        self._programs = programs
        self._folder = folder
        self._as_user = as_user
        self._port = port
        self._durable = durable
        self._databases = 0
        self.data = str(folder / "data")

    def run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._programs / program), *arguments]
        ended = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, timeout=_PATIENCE)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def start(self) -> None:
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1"
        if not self._durable:
            options += " -c fsync=off"
        log = str(self._folder / "log")
        # pg_ctl leaves the server behind with its own standard output: it must not be a pipe of ours.
        command = [*self._as_user, str(self._programs / "pg_ctl"), "-D", self.data, "-w", "-l", log]
        subprocess.run(
            [*command, "-o", options, "start"],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=_PATIENCE,
        )

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def new_database(self) -> str:
        """The address of an empty one."""
        self._databases += 1
        name = f"test_{self._databases}"
        connection = pg8000.dbapi.connect(_USER, host="127.0.0.1", port=self._port, database="postgres")
        try:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {name}")
        finally:
            connection.close()
        return f"postgresql://{_USER}@127.0.0.1:{self._port}/{name}"


@contextmanager
def redis_server() -> Iterator["Redis"]:
    folder = tempfile.mkdtemp(prefix="pentimento-redis-")
    server = Redis(folder, free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Redis:
    """A server that can be stopped and started again, at the same address."""

    def __init__(self, folder: str, port: int) -> None:
        self._folder = folder
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{port}/0"

    def start(self) -> None:
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", self._folder, "--save", ""]
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _PATIENCE
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.ConnectionError:
                    assert time.monotonic() < deadline, "Redis did not start"
                    time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it take connections, and say nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

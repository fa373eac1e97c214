import io
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from servers import Redis
from sqlalchemy import Engine

from jobs.fake_engine import FakeEngine, picture
from jobs.object_server import ObjectServer, running
from jobs.site import Site, scaled_out
from nst.jobs.ids import new_id
from nst.jobs.models import Job, JobSpec, StoredImage, StyleRef
from nst.jobs.records.database import open_postgres, open_sqlite
from nst.jobs.records.store import Store
from nst.jobs.studio import Studio
from nst.options import Options
from nst.settings import Settings

ADA, BOB = "ada", "bob"
AddJob = Callable[..., Job]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(scope="session")
def object_server() -> Iterator[ObjectServer]:
    with running() as server:
        yield server


@pytest.fixture
def bucket(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket's name; the environment says where it is."""
    for name, value in object_server.environment.items():
        monkeypatch.setenv(name, value)
    name = f"studio-{secrets.token_hex(4)}"
    object_server.make_bucket(name)
    return name


@pytest.fixture
def site(postgres_url: str, redis_here: Redis, tmp_path: Path) -> Iterator[Site]:
    with scaled_out(postgres_url, redis_here.url, tmp_path) as made:
        yield made


@pytest.fixture
def open_studio(folder: Path, engine: FakeEngine) -> Iterator[Callable[..., Studio]]:
    """Makes a studio on the test's folder; those that are still open at the end are closed."""
    opened: list[Studio] = []

    def make(start: bool = True, load: Callable = engine.load, **limits: int) -> Studio:
        studio = Studio(Settings(data_dir=folder, **limits), load)
        opened.append(studio)
        if start:
            studio.start()
        return studio

    yield make
    engine.let_go()
    for studio in opened:
        studio.close()


@pytest.fixture
def studio(open_studio: Callable[..., Studio]) -> Studio:
    return open_studio()


def spec_for(studio: Studio, owner: str = ADA, **options: object) -> JobSpec:
    content, _ = studio.add_image(owner, io.BytesIO(picture()))
    style, _ = studio.add_image(owner, io.BytesIO(picture(80, 80)))
    wanted = Options(**{"size": 64, "steps": 5} | options)
    return JobSpec(content=content.id, styles=[StyleRef(image=style.id)], options=wanted)


@pytest.fixture
def submit(studio: Studio) -> Callable[..., Job]:
    def submit_one(owner: str = ADA, **options: object) -> Job:
        return studio.submit(owner, spec_for(studio, owner, **options))

    return submit_one


# A store alone, on each kind of database


@pytest.fixture
def announced() -> list[tuple[str, int]]:
    return []


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Engine]:
    """Opens one and the same database, each time anew."""
    if request.param == "postgres":
        address = request.getfixturevalue("postgres_url")
        return lambda: open_postgres(address)
    return lambda: open_sqlite(tmp_path / "test.db")


@pytest.fixture
def store(database: Callable[[], Engine], announced: list[tuple[str, int]]) -> Iterator[Store]:
    made = Store(database(), lambda job, seq: announced.append((job, seq)))
    yield made
    made.close()


def add_picture(store: Store, owner: str = ADA) -> str:
    """The id of a picture that has no file."""
    made = StoredImage(id=new_id(), owner=owner, width=64, height=48, created=datetime.now(UTC))
    return store.add_image(made, made.id).id


@pytest.fixture
def add(store: Store) -> AddJob:
    def add_one(owner: str = "ada", per_client: int = 100, total: int = 1000) -> Job:
        content, style = add_picture(store, owner), add_picture(store, owner)
        spec = JobSpec(content=content, styles=[StyleRef(image=style, weight=0.3)], options=Options(steps=7))
        job = Job(id=new_id(), owner=owner, spec=spec, state="queued", steps=7, created=datetime.now(UTC))
        store.add_job(job, per_client, total)
        return job

    return add_one


def numbers(step: int, loss: float = 1.5) -> dict:
    size = {"scale": 0, "scales": 1, "width": 64, "height": 48, "seconds": 0.1}
    return {"step": step, "steps": 7, **size, "losses": {"total": loss}}

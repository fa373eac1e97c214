"""The forms that store, files, wake and worker have: all in one process, or scaled out. Chosen here alone."""

import platform
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

from sqlalchemy.exc import DatabaseError, DBAPIError

from nst.errors import Refusal
from nst.jobs.events import LocalWake, Wake
from nst.jobs.filing import folder
from nst.jobs.filing.files import Files
from nst.jobs.filing.places import open_files
from nst.jobs.instant.networks import Networks, tensorflow_networks
from nst.jobs.painters import worker_metrics
from nst.jobs.painters.engine import Engine
from nst.jobs.painters.leased_worker import LeasedWorker
from nst.jobs.painters.sole_worker import SoleWorker
from nst.jobs.painters.speed import Speed
from nst.jobs.painters.video_work import PainterFor
from nst.jobs.painters.worker import Worker
from nst.jobs.records.database import open_postgres, open_sqlite, unusable
from nst.jobs.records.leases import Leases
from nst.jobs.records.store import Store
from nst.settings import Settings

PREVIEWS_AT_ONCE = 4  # of a web process, for whichever workers are free


class Services(NamedTuple):
    """What web processes and workers share."""

    store: Store
    files: Files
    wake: Wake


class Forms(NamedTuple):
    """What a studio stands on."""

    store: Store
    files: Files
    wake: Wake
    worker: Worker


def choose(settings: Settings, load: Callable[[], Engine], video_painter: PainterFor) -> Forms:
    """The forms that the settings ask for.

    Raises:
        Refusal: `data_dir_unusable` where the data folder cannot be made or written, `bad_setting` for a
            setting that is missing or cannot be, `database_unusable` or `database_newer`.
    """
    store, files, wake = _services(settings)
    worker: Worker
    if settings.mode == "scaled":
        from nst.jobs.painters.celery_form import (  # the single form does without these packages
            CeleryWorker,
            broker,
        )

        worker = CeleryWorker(broker(_redis(settings)), Leases(store))
    else:
        root = settings.data_dir.expanduser()
        worker = SoleWorker(root, store, files, Speed(files), load, video_painter)
    return Forms(store, files, wake, worker)


def networks(settings: Settings, load: Callable[[], Networks]) -> tuple[Callable[[], Networks], int]:
    """What loads the fast networks of previews, and of how many threads they may be asked at a time."""
    if settings.mode == "scaled":
        from nst.jobs.instant.preview_line import remote_networks

        return partial(remote_networks, _redis(settings)), PREVIEWS_AT_ONCE
    return load, 1


def paint(
    settings: Settings,
    load: Callable[[], Engine],
    video_painter: PainterFor,
    load_networks: Callable[[], Networks] = tensorflow_networks,
) -> int:
    """Work for a scaled-out studio until told to stop; the exit status. Raises as `choose`."""
    if settings.mode != "scaled":
        raise Refusal(
            "bad_setting",
            "The studio paints in its own process. NST_MODE=scaled parts the two, and needs workers.",
            "NST_MODE",
        )
    from nst.jobs.instant.preview_line import connection
    from nst.jobs.instant.preview_server import PreviewServer
    from nst.jobs.painters.celery_form import broker, serve

    worker_metrics.serve(settings)
    store, files, wake = _services(settings)
    speed = Speed(files, f"speed-{platform.node() or 'worker'}.json")
    painter = LeasedWorker(store, files, speed, load, video_painter)

    previews = PreviewServer(connection(_redis(settings)), load_networks)

    def closed() -> None:
        previews.close()
        wake.close()
        store.close()

    previews.start(lambda: painter.is_ready or painter.trouble is not None)
    print(f"Pentimento’s worker {store.worker} is at work", flush=True)
    return serve(broker(_redis(settings)), painter, closed)


def _services(settings: Settings) -> Services:
    wake = LocalWake()
    if settings.mode == "scaled":
        _check_packages()
        from nst.jobs.redis_wake import RedisWake

        wake = RedisWake(_redis(settings))
    return Services(open_store(settings, wake.announce), open_files(settings), wake)


def _redis(settings: Settings) -> str:
    return _needed(settings.redis_url.get_secret_value(), "NST_REDIS_URL")


def open_store(settings: Settings, announce: Callable[[str, int], None]) -> Store:
    """The database that the settings name, brought up to date.

    Raises:
        Refusal: `bad_setting`, `database_newer`, `database_unusable`, or `data_dir_unusable`.
    """
    if settings.mode == "scaled":
        _check_packages()
        address = _needed(settings.database_url.get_secret_value(), "NST_DATABASE_URL")
        try:
            return Store(open_postgres(address), announce)
        except DBAPIError as error:
            raise unusable(error) from error
    root = settings.data_dir.expanduser()
    try:
        folder.make(root)
        return Store(open_sqlite(root / "studio.db"), announce)
    except (OSError, DatabaseError) as error:
        raise folder.unusable(root, error) from error


def _check_packages() -> None:
    missing = [name for name in ("celery", "pg8000", "redis") if find_spec(name) is None]
    if missing:
        raise Refusal(
            "bad_setting",
            f"NST_MODE=scaled needs packages that are not here ({', '.join(missing)}): "
            "pip install -r requirements-scale.txt.",
            "NST_MODE",
        )


def _needed(value: str, name: str) -> str:
    if not value:
        raise Refusal("bad_setting", f"{name} is not set, and NST_MODE=scaled cannot do without.", name)
    return value

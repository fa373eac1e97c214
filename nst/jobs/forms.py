"""The forms that store, files, wake and worker have: all in one process, or scaled out. Chosen here alone."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy.exc import DatabaseError, DBAPIError

from nst.errors import Refusal
from nst.jobs import folder
from nst.jobs.database import open_postgres, open_sqlite, unusable
from nst.jobs.engine import Engine
from nst.jobs.events import LocalWake, Wake
from nst.jobs.files import Files
from nst.jobs.places import open_files
from nst.jobs.sole_worker import SoleWorker
from nst.jobs.speed import Speed
from nst.jobs.store import Store
from nst.jobs.video_painting import PainterFor
from nst.jobs.worker import Worker
from nst.settings import Settings


class Forms(NamedTuple):
    """What a studio stands on."""

    store: Store
    files: Files
    wake: Wake
    worker: Worker


def choose(settings: Settings, load: Callable[[], Engine], video_painter: PainterFor) -> Forms:
    """The forms that the settings ask for.

    Raises:
        Refusal: `data_dir_unusable` where the data folder cannot be made or written, `bad_setting` for an
            address of the files that cannot be.
    """
    wake = LocalWake()
    store = open_store(settings, wake.announce)
    files = open_files(settings)
    root = settings.data_dir.expanduser()
    return Forms(store, files, wake, SoleWorker(root, store, files, Speed(files), load, video_painter))


def open_store(settings: Settings, announce: Callable[[str, int], None]) -> Store:
    """The database that the settings name, brought up to date.

    Raises:
        Refusal: `bad_setting`, `database_newer`, `database_unusable`, or `data_dir_unusable`.
    """
    if settings.mode == "scaled":
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


def _needed(value: str, name: str) -> str:
    if not value:
        raise Refusal("bad_setting", f"{name} is not set, and NST_MODE=scaled cannot do without.", name)
    return value

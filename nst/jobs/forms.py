"""The forms that store, files, wake and worker have: all in one process, or scaled out. Chosen here alone."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy.exc import DatabaseError

from nst.jobs import folder
from nst.jobs.database import open_sqlite
from nst.jobs.engine import Engine
from nst.jobs.events import LocalWake, Wake
from nst.jobs.files import Files
from nst.jobs.places import open_files
from nst.jobs.sole_worker import SoleWorker
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
    root = settings.data_dir.expanduser()
    wake = LocalWake()
    try:
        folder.make(root)
        store = Store(open_sqlite(root / "studio.db"), wake.announce)
    except (OSError, DatabaseError) as error:
        raise folder.unusable(root, error) from error
    files = open_files(settings)
    return Forms(store, files, wake, SoleWorker(root, store, files, load, video_painter))

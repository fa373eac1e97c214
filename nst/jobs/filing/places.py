"""Where the files are: in a folder, or in an object store, as `NST_FILES_URL` says."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from nst.errors import Refusal
from nst.jobs.filing.copies import Copies
from nst.jobs.filing.files import Files, Folder
from nst.jobs.filing.object_store import ObjectStore
from nst.settings import Settings


def open_files(settings: Settings) -> Files:
    """The files of a studio with these settings. Whether they can be written, `check` tells.

    Raises:
        Refusal: `bad_setting` for an address that is neither.
    """
    url = urlsplit(settings.files_url)
    if not settings.files_url:
        return Folder(settings.data_dir.expanduser())
    if url.scheme == "file" and not url.netloc and len(url.path) > 1:
        return Folder(Path(unquote(url.path)))
    if url.scheme == "s3" and url.netloc:
        return ObjectStore(settings.files_url, Copies(settings.copies_bytes))
    raise Refusal(
        "bad_setting",
        f"NST_FILES_URL: should be file:///FOLDER or s3://BUCKET/PREFIX, not “{settings.files_url[:60]}”.",
        "NST_FILES_URL",
    )

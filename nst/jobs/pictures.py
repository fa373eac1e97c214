"""The pictures of each client, and the samples that anyone can take."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from nst import images
from nst.gallery import catalogue
from nst.gallery.catalogue import Sample
from nst.images import Pixels
from nst.jobs import metrics
from nst.jobs.filing.files import Files, image_key, thumbnail_key
from nst.jobs.ids import is_id, new_id
from nst.jobs.missing import missing
from nst.jobs.models import StoredImage
from nst.jobs.records.store import Store

THUMBNAIL_SIDE = 512  # pixels


class Pictures:
    """Methods that take an owner and an id raise `Refusal("not_found")` for an id that is not theirs."""

    def __init__(self, store: Store, files: Files, make_room: Callable[[str, int], None]) -> None:
        """`make_room` raises a `Refusal` where an owner's upload of so many bytes has no room."""
        self._make_room = make_room
        self._store = store
        self._files = files

    def add(self, owner: str, stream: BinaryIO, passing: bool = False) -> tuple[StoredImage, list[str]]:
        """Keep an uploaded picture. The notes say what was changed on the way in.

        Raises what decoding does, and `Refusal` where there is no room: quota_full, disk_full.
        """
        picture = images.decode(stream)
        image = _stored(owner, picture.pixels)
        files = _encoded(image.id, picture.pixels)
        size = sum(map(len, files.values()))
        self._make_room(owner, size)
        try:
            self._write(files)
            self._store.add_image(image, image.id, size=size, passing=passing)
        except BaseException:
            for key in files:
                self._files.delete(key)
            raise
        return image, list(picture.notes)

    def known(self, owner: str, image_id: str, field: str | None = None) -> StoredImage:
        """The picture's size; a refusal is about `field`."""
        return self._found(owner, image_id, field)[0]

    def key(self, owner: str, image_id: str, field: str | None = None) -> str:
        """What the picture is kept under: the same for all who use one sample."""
        return image_key(self._found(owner, image_id, field)[1])

    def file(self, owner: str, image_id: str, field: str | None = None) -> Path:
        """The picture as a PNG file."""
        _, file = self._found(owner, image_id, field)
        return self._files.path(image_key(file)) or missing("picture", field)

    def thumbnail(self, owner: str, image_id: str, field: str | None = None) -> bytes:
        """The picture as a JPEG, long side at most 512 pixels."""
        _, file = self._found(owner, image_id, field)
        return self._files.read(thumbnail_key(file)) or missing("picture", field)

    def grey(self, owner: str, image_id: str, field: str | None = None) -> Pixels:
        """(H, W) uint8, long side at most 512 pixels: a mask to be looked at.

        From the thumbnail: to open the picture itself can take a second and a hundred megabytes.
        """
        return images.load(io.BytesIO(self.thumbnail(owner, image_id, field)), grey=True)

    # Samples

    def samples(self) -> Sequence[Sample]:
        return catalogue.samples()

    def sample_thumbnail(self, name: str) -> bytes:
        """The sample as a JPEG, long side at most 512 pixels."""
        metrics.CACHE_LOOKUPS.labels("sample_thumbnails").inc()
        return _sample_thumbnail(catalogue.sample(name).path)

    def add_sample(self, owner: str, name: str) -> StoredImage:
        """A sample picture as if the owner had uploaded it; the same image each time."""
        sample = catalogue.sample(name)
        known = self._store.sample_image(owner, name)
        if known is not None:
            return known
        data = sample.path.read_bytes()
        pixels = images.decode(data).pixels
        file = f"sample-{sha256(data).hexdigest()[:32]}"
        if self._files.path(image_key(file)) is None:
            self._write(_encoded(file, pixels))
        return self._store.add_image(_stored(owner, pixels), file, name, size=0)

    def _found(self, owner: str, image_id: str, field: str | None = None) -> tuple[StoredImage, str]:
        found = self._store.image(owner, image_id) if is_id(image_id) else None
        return found or missing("picture", field)

    def _write(self, files: Mapping[str, bytes]) -> None:
        for key, data in files.items():
            self._files.write(key, data)


def _stored(owner: str, pixels: Pixels) -> StoredImage:
    height, width = pixels.shape[:2]
    return StoredImage(id=new_id(), owner=owner, width=width, height=height, created=datetime.now(UTC))


def _encoded(file: str, pixels: Pixels) -> dict[str, bytes]:
    """Files by their keys. The picture comes last: where it is, its thumbnail is too."""
    return {
        thumbnail_key(file): _thumbnail(pixels),
        image_key(file): images.encode_png(pixels, quick=True),
    }


def _thumbnail(pixels: Pixels) -> bytes:
    height, width = pixels.shape[:2]
    if max(width, height) > THUMBNAIL_SIDE:
        pixels = images.resize(pixels, images.fitted(width, height, THUMBNAIL_SIDE))
    return images.encode_jpeg(pixels, 85)


@lru_cache(maxsize=64)
def _sample_thumbnail(path: Path) -> bytes:
    metrics.CACHE_MISSES.labels("sample_thumbnails").inc()
    return _thumbnail(images.decode(path.read_bytes()).pixels)

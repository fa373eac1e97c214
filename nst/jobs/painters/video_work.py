"""What lies in the folder of a video job, for those who do not paint: without FFmpeg, which takes memory."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nst.images import Pixels
from nst.jobs.filing.files import Files, job_key
from nst.video.options import VideoOptions
from nst.video.paths import work_folder

if TYPE_CHECKING:
    from nst.video.styling import Painter

CLIP, STYLE, RESULT = "clip", "style.png", "video.mp4"  # of a job

PainterFor = Callable[[Sequence[Pixels], VideoOptions], "Painter"]


def discard_work(files: Files, job_id: str) -> None:
    """Remove what is only needed to go on with a video."""
    for name in (CLIP, STYLE, work_folder(RESULT)):
        files.delete(job_key(job_id, name))

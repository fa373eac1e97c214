"""What a stored video and a video job are, as every room sees them."""

from datetime import datetime

from pydantic import Field

from nst.jobs.models import FINISHED, State, Wish
from nst.jobs.steering import Strict
from nst.video.options import VideoOptions


class StoredVideo(Strict):
    """A clip that the studio keeps under its own id, as it was uploaded."""

    id: str
    owner: str
    kind: str = Field(description="mp4 (with MOV), webm or gif.")
    width: int = Field(description="As it is shown: upright, with square pixels.")
    height: int
    frames: int
    seconds: float
    rate: float = Field(description="Frames a second, on average.")
    has_sound: bool
    size: int = Field(description="Bytes.")
    created: datetime


class VideoSpec(Strict):
    """What is asked for: ids of a stored video and of a stored picture, never bytes."""

    video: str
    style: str
    options: VideoOptions = VideoOptions()


class VideoJob(Strict):
    """One video that is painted: what was asked for and where it stands. Its steps are frames."""

    id: str
    owner: str
    spec: VideoSpec
    state: State
    step: int = 0
    steps: int
    seconds_left: float | None = Field(None, description="Until it is finished, by estimate.")
    error: str | None = None
    asked: Wish | None = Field(None, description="What was asked of the running job and is not done yet.")
    position: int | None = Field(None, description="1 is next in line; none when not waiting.")
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    width: int | None = None
    height: int | None = None
    preview_seq: int = 0
    has_result: bool = False

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

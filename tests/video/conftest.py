"""A clip, and how a painted one is read again."""

from pathlib import Path

import av
import numpy as np
import pytest
import videos


@pytest.fixture
def clip_file(tmp_path) -> Path:
    return videos.write(tmp_path / "clip.mp4", videos.moving(10), codec="mpeg4", sound="aac")


class Played:
    """A video as a player sees it."""

    def __init__(self, path: Path) -> None:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            self.codec, self.format = stream.codec_context.name, stream.codec_context.pix_fmt
            self.size = stream.codec_context.width, stream.codec_context.height
            self.tone = container.streams.audio[0] if container.streams.audio else None
            self.sound = self.tone.codec_context.name if self.tone else None
            decoded = list(container.decode(stream))
            self.seconds = container.duration / av.time_base
        self.times = [frame.pts * frame.time_base for frame in decoded]
        self.pixels = [frame.to_ndarray(format="rgb24", src_colorspace="ITU709") for frame in decoded]

    def samples(self, path: Path) -> np.ndarray:
        with av.open(str(path)) as container:
            parts = [frame.to_ndarray() for frame in container.decode(audio=0)]
        return np.concatenate(parts, axis=1)[0]


@pytest.fixture
def played():
    return Played

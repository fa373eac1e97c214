"""Chapters keep every time and colour; together they play as one video, with the clip's sound."""

from fractions import Fraction
from itertools import count, pairwise

import av
import numpy as np
import pytest
import videos

from nst.errors import Refusal
from nst.video import encoding
from nst.video.clip import probe
from nst.video.encoding import Form, assemble, encoder, write_chapter

TIMES = [0, 1000, 3000, 3100, 10_000, 11_001, 12_000]
FORM = Form((64, 48), videos.TICKS, Fraction(25), "vp9")


def pack(tmp_path, source, name, form=FORM, times=TIMES, cuts=(3, 5)):
    """A video of bars in three chapters, with the sound of `source`."""
    bounds = [0, *cuts, len(times)]
    chapters = []
    for number, (first, last) in enumerate(pairwise(bounds)):
        chapters.append(tmp_path / f"{number}.nut")
        write_chapter(chapters[-1], [(time, videos.bars()) for time in times[first:last]], form)
    assemble(tmp_path / name, chapters, probe(source), 900)
    return tmp_path / name


@pytest.mark.parametrize("codec", ["vp9", "h264"])
def test_chapters_become_one_video_with_every_time(tmp_path, played, codec):
    source = videos.write(tmp_path / "a.mp4", [videos.bars()] * 7, codec="mpeg4", times=TIMES)
    video = played(pack(tmp_path, source, "out.mp4", FORM._replace(codec=codec)))
    assert video.times == [time * videos.TICKS for time in TIMES]
    assert video.seconds == pytest.approx(float((TIMES[-1] + 900) * videos.TICKS), abs=1e-3)
    assert (video.codec, video.format, video.size) == (codec, "yuv420p", (64, 48))
    assert video.sound is None
    for pixels in video.pixels:
        inner = np.abs(pixels[14:-2, 8::16].astype(int) - videos.bars()[14:-2, 8::16])
        assert inner.max() <= 8


def test_webm_keeps_times_to_the_millisecond(tmp_path, played):
    source = videos.write(tmp_path / "a.mp4", [videos.bars()] * 7, codec="mpeg4", times=TIMES)
    video = played(pack(tmp_path, source, "out.webm"))
    assert video.codec == "vp9"
    found = [float(time) for time in video.times]
    assert found == pytest.approx([float(time * videos.TICKS) for time in TIMES], abs=0.00051)


def test_an_mp4_can_be_played_while_it_loads(tmp_path):
    source = videos.write(tmp_path / "a.mp4", [videos.bars()] * 7, codec="mpeg4", times=TIMES)
    data = pack(tmp_path, source, "out.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def packets(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


@pytest.mark.parametrize(
    ("name", "sound", "output"),
    [("a.mp4", "aac", "out.mp4"), ("a.webm", "libopus", "out.webm"), ("a.webm", "libopus", "out.mp4")],
)
def test_sound_that_the_container_takes_is_copied(tmp_path, name, sound, output):
    codec = "mpeg4" if name.endswith("mp4") else "libvpx-vp9"
    source = videos.write(tmp_path / name, [videos.bars()] * 7, codec=codec, times=TIMES, sound=sound)
    assert packets(pack(tmp_path, source, output)) == packets(source)


@pytest.mark.parametrize(
    ("name", "sound", "rate", "output", "expected"),
    [
        ("a.mp4", "aac", 48_000, "out.webm", "opus"),
        ("a.mov", "pcm_s16le", 44_100, "out.mp4", "aac"),
        ("a.mov", "pcm_s16le", 22_050, "out.webm", "opus"),
    ],
)
def test_other_sound_is_encoded_anew_and_sounds_the_same(
    tmp_path, played, name, sound, rate, output, expected
):
    source = videos.write(
        tmp_path / name,
        [videos.bars()] * 7,
        codec="mpeg4",
        times=TIMES,
        sound=sound,
        sound_rate=rate,
        seconds=0.5,
    )
    path = pack(tmp_path, source, output)
    video = played(path)
    assert video.sound == expected
    samples = video.samples(path)
    kept_rate = 48_000 if expected == "opus" else rate
    assert len(samples) / kept_rate == pytest.approx(0.5, abs=0.06)
    middle = samples[len(samples) // 4 : len(samples) // 4 * 3].astype(float)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert spectrum.argmax() * kept_rate / len(middle) == pytest.approx(440, abs=8)


def test_sound_and_pictures_stay_together(tmp_path):
    """The sound of a clip whose pictures begin later begins as much earlier in the video."""
    source = videos.write(tmp_path / "a.webm", [videos.bars()] * 4, sound="libopus", offset=15_000, seconds=1)
    chapter = tmp_path / "0.nut"
    write_chapter(
        chapter, [(500 + 40 * n, videos.bars()) for n in range(4)], FORM._replace(time_base=Fraction(1, 1000))
    )
    assemble(tmp_path / "out.mp4", [chapter], probe(source), 40)
    first = {}
    for kind in ("video", "audio"):
        with av.open(str(tmp_path / "out.mp4")) as out:
            first[kind] = next(out.decode(**{kind: 0})).time
    assert first["video"] == pytest.approx(0.5, abs=0.01)
    assert first["audio"] == pytest.approx(0, abs=0.03)


def retimed(source, path, time):
    """The video with `time(n, when)` for the n-th packet's time of its sound."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        streams = {one: new.add_stream_from_template(one) for one in old.streams}
        heard = count()
        for packet in old.demux():
            if packet.size:
                if packet.stream.type == "audio":
                    packet.pts = packet.dts = time(next(heard), packet.pts)
                packet.stream = streams[packet.stream]
                new.mux(packet)
    return path


@pytest.mark.parametrize("output", ["out.mp4", "out.webm"])
def test_sound_with_repeated_times_costs_no_more_than_what_repeats(tmp_path, played, output):
    source = videos.write(tmp_path / "a.webm", [videos.bars()] * 7, times=TIMES, sound="libopus")
    twice = retimed(source, tmp_path / "b.webm", lambda n, when: 60 if 3 <= n <= 5 else when)
    path = pack(tmp_path, twice, output)
    assert len(packets(twice)) - 3 < len(packets(path)) <= len(packets(twice))
    assert len(played(path).times) == len(TIMES)


def test_sound_that_the_container_refuses_is_left_out(tmp_path, played):
    """Opus whose head is missing can be heard, and be told to no MP4."""
    source = videos.write(tmp_path / "a.webm", [videos.bars()] * 7, times=TIMES, sound="libopus")
    head, unknown = b"\x63\xa2", b"\x63\xa3"  # Matroska's CodecPrivate; no element's name
    assert source.read_bytes().count(head) == 1
    source.write_bytes(source.read_bytes().replace(head, unknown))
    assert probe(source).has_sound
    video = played(pack(tmp_path, source, "out.mp4"))
    assert (len(video.times), video.sound) == (len(TIMES), None)


def test_a_disk_that_is_full_is_an_os_error(tmp_path):
    source = videos.write(tmp_path / "a.mp4", [videos.bars()] * 2, codec="mpeg4")
    chapter = tmp_path / "0.nut"
    write_chapter(chapter, [(0, videos.bars()), (1200, videos.bars())], FORM)
    with pytest.raises(OSError, match="No space left"):
        write_chapter(tmp_path.__class__("/dev/full"), [(n, videos.bars()) for n in range(40)], FORM)
    with pytest.raises(OSError, match="No such file"):
        assemble(tmp_path / "none" / "out.mp4", [chapter], probe(source), 1200)


def test_a_codec_that_no_encoder_makes_is_refused(monkeypatch):
    monkeypatch.setitem(encoding._ENCODERS, "h264", (("libnothing", {}),))
    assert encoder("vp9")[0] == "libvpx-vp9"
    with pytest.raises(Refusal) as refused:
        encoder("h264")
    assert refused.value.code == "no_encoder"

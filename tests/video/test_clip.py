"""Videos of every kind come in upright and in time; what is wrong with one is said in a sentence."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import videos
from PIL import Image
from skimage import data

from nst.errors import Refusal
from nst.settings import settings
from nst.video.clip import frames, probe

UNEVEN = [0, 1000, 3000, 3100, 10_000, 11_001]  # ticks


def refused(path: Path) -> Refusal:
    with pytest.raises(Refusal) as found:
        list(frames(probe(path, field="IN"), (64, 48)))
    assert found.value.field == "IN"
    assert found.value.message.startswith(f"{path.name}: ")
    assert found.value.message.count(path.name) == 1
    assert "\n" not in found.value.message
    return found.value


@pytest.mark.parametrize(
    ("name", "codec", "sound", "kind"),
    [
        ("clip.mp4", "mpeg4", "aac", "mp4"),
        ("clip.mp4", "libx264", None, "mp4"),
        ("clip.mov", "mpeg4", "pcm_s16le", "mp4"),
        ("clip.webm", "libvpx-vp9", "libopus", "webm"),
    ],
)
def test_a_video_is_told_apart_by_content(tmp_path, name, codec, sound, kind):
    path = videos.write(tmp_path / name, [videos.bars()] * 10, codec=codec, sound=sound, rate=20)
    clip = probe(path.rename(tmp_path / "a.txt"))
    assert (clip.kind, clip.width, clip.height, clip.frames) == (kind, 64, 48, 10)
    assert float(clip.rate) == pytest.approx(20, rel=0.03)
    assert float(clip.seconds) == pytest.approx(0.5, abs=0.02)
    assert clip.has_sound == (sound is not None)


@pytest.mark.parametrize(
    ("name", "codec"), [("clip.mp4", "mpeg4"), ("clip.mp4", "libx264"), ("a.mov", "mpeg4")]
)
def test_uneven_times_are_read_exactly(tmp_path, name, codec):
    path = videos.write(tmp_path / name, [videos.bars()] * 6, codec=codec, times=UNEVEN)
    clip = probe(path)
    found = [frame.time * clip.time_base for frame in frames(clip, (64, 48))]
    assert found == [time * videos.TICKS for time in UNEVEN]


def test_webm_keeps_times_to_the_millisecond(tmp_path):
    clip = probe(videos.write(tmp_path / "clip.webm", [videos.bars()] * 6, times=UNEVEN))
    found = [float(frame.time * clip.time_base) for frame in frames(clip, (64, 48))]
    assert found == pytest.approx([float(time * videos.TICKS) for time in UNEVEN], abs=0.00051)


def test_a_gif_is_a_video_and_what_shines_through_is_white(tmp_path):
    pictures = [Image.new("RGBA", (64, 48), (0, 0, 0, 0)) for _ in range(3)]
    for number, picture in enumerate(pictures):
        picture.paste((200, 0, 0, 255), (0, 0, 20, 10 + number))
    path = tmp_path / "clip.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=[100, 300, 200], disposal=2)
    clip = probe(path)
    found = list(frames(clip, (64, 48)))
    assert [frame.time * clip.time_base for frame in found] == [0, Fraction(1, 10), Fraction(4, 10)]
    assert found[-1].duration * clip.time_base == Fraction(2, 10)
    assert clip.seconds == Fraction(6, 10)
    assert found[0].pixels[5, 5].tolist() == [200, 0, 0]
    assert found[0].pixels[40, 60].tolist() == [255, 255, 255]


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_colours_come_in_as_they_went_out(tmp_path, codec):
    clip = probe(videos.write(tmp_path / "clip.mp4", [videos.bars()] * 2, codec=codec))
    pixels = next(frames(clip, (64, 48))).pixels
    difference = np.abs(pixels[14:-2, 8::16].astype(int) - videos.bars()[14:-2, 8::16])
    assert difference.max() <= 6


def test_a_phones_bright_video_is_not_washed_out(tmp_path):
    """HLG in BT.2020, 10 bits: white at 75 % of the signal, as ITU-R BT.2408 has it."""
    photo = cv2.resize(data.astronaut(), (128, 128))
    linear = (photo / 255) ** 2.2
    to_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
    scene = (linear @ to_2020.T).clip(0, 1) * 0.265
    low, high = np.sqrt(3 * scene), 0.17883277 * np.log((12 * scene - 0.28466892).clip(1e-6)) + 0.55991073
    signal = (np.where(scene <= 1 / 12, low, high).clip(0, 1) * 65535).astype("<u2")
    frame = av.VideoFrame.from_ndarray(signal, format="rgb48le").reformat(
        format="yuv420p10le", dst_colorspace="BT2020", dst_color_range="MPEG"
    )
    path = tmp_path / "phone.mov"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx265", rate=25, options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 128, 128, "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc, context.color_range = 9, 9, 18, 1
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        out.mux(stream.encode(frame))
        out.mux(stream.encode())
    pixels = next(frames(probe(path), (128, 128))).pixels
    assert np.abs(pixels.astype(int) - photo).mean() < 14


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("hflip", [False, True])
def test_a_phone_held_any_way_gives_an_upright_picture(tmp_path, rotation, hflip):
    stored = videos.bars(64, 48)
    path = videos.write(tmp_path / "a.mp4", [stored] * 2, codec="mpeg4", rotation=rotation, hflip=hflip)
    upright = np.rot90(stored, rotation // 90)
    if hflip:
        upright = upright[:, ::-1]
    clip = probe(path)
    assert (clip.width, clip.height) == upright.shape[1::-1]
    pixels = next(frames(clip, (clip.width, clip.height))).pixels
    assert np.abs(pixels.astype(int) - upright).mean() < 8
    small = next(frames(clip, (clip.width // 2, clip.height // 2))).pixels
    assert np.abs(small.astype(int) - upright[::2, ::2]).mean() < 16


def test_oblong_pixels_become_square_ones(tmp_path):
    path = videos.write(tmp_path / "a.mp4", [videos.bars()] * 2, codec="mpeg4", pixel=Fraction(2))
    clip = probe(path)
    assert (clip.width, clip.height) == (128, 48)
    assert next(frames(clip, (128, 48))).pixels.shape == (48, 128, 3)


def test_the_first_frames_can_be_left_out(tmp_path):
    clip = probe(videos.write(tmp_path / "a.mp4", videos.moving(8), codec="mpeg4"))
    whole = list(frames(clip, (64, 48)))
    rest = list(frames(clip, (64, 48), skip=5))
    assert [frame.number for frame in rest] == [5, 6, 7]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(rest, whole[5:], strict=True))


def test_a_clock_that_began_long_ago_is_set_to_the_beginning(tmp_path):
    path = videos.write(tmp_path / "a.webm", [videos.bars()] * 5, offset=300_000)
    clip = probe(path)
    assert clip.start == 10
    assert [frame.time for frame in frames(clip, (64, 48))][:2] == [0, 40]


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"")
    assert refused(tmp_path / "a.mp4").code == "empty_file"


def test_a_missing_file_is_refused(tmp_path):
    assert refused(tmp_path / "none.mp4").code == "unreadable_file"


def test_a_folder_is_refused(tmp_path):
    assert refused(tmp_path).code == "unreadable_file"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xe0 a photograph",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\n",
    ],
)
def test_what_is_no_video_is_refused_whatever_its_name(tmp_path, data):
    (tmp_path / "a.mp4").write_bytes(data)
    assert refused(tmp_path / "a.mp4").code == "not_a_video"


@pytest.mark.parametrize("name", ["song.m4a", "song.mp4"])
def test_sound_alone_is_refused(tmp_path, name):
    found = refused(videos.write_sound(tmp_path / name))
    assert found.code == "no_moving_picture"
    assert "sound" in found.message


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.webm", "a.gif"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_file_that_was_cut_off_is_refused(tmp_path, name, share):
    codec = {"a.webm": "libvpx-vp9", "a.gif": "gif"}.get(name, "mpeg4")
    path = videos.write(tmp_path / name, videos.moving(20), codec=codec)
    data = path.read_bytes()
    path.write_bytes(data[: max(int(len(data) * share), 40)])
    assert refused(path).code == "truncated_video"


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.gif"])
def test_nonsense_behind_a_good_beginning_is_refused(tmp_path, name):
    codec = {"a.webm": "libvpx-vp9", "a.gif": "gif"}.get(name, "mpeg4")
    path = videos.write(tmp_path / name, videos.moving(20), codec=codec)
    data = bytearray(path.read_bytes())
    data[32:-1] = np.random.default_rng(0).bytes(len(data) - 33)
    path.write_bytes(bytes(data))
    assert refused(path).code in ("broken_video", "truncated_video", "no_moving_picture", "video_too_small")


def test_a_gif_that_claims_to_be_huge_is_refused_before_room_is_made(tmp_path):
    head = b"GIF89a" + struct.pack("<HHBBB", 60_000, 60_000, 0, 0, 0)
    (tmp_path / "bomb.gif").write_bytes(head + b"\x2c" + b"\0" * 100 + b"\x3b")
    assert refused(tmp_path / "bomb.gif").code == "video_too_large"


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("MAX_VIDEO_BYTES", "100", "file_too_large"),
        ("MAX_VIDEO_SECONDS", "0.2", "video_too_long"),
        ("MAX_VIDEO_PIXELS", "2000", "video_too_large"),
        ("MAX_VIDEO_RATE", "10", "absurd_frame_rate"),
        ("MIN_SIDE", "50", "video_too_small"),
        ("MAX_ASPECT", "1.2", "bad_aspect"),
    ],
)
def test_what_is_beyond_a_limit_is_refused(tmp_path, monkeypatch, setting, value, code):
    path = videos.write(tmp_path / "a.mp4", videos.moving(10), codec="mpeg4")
    assert probe(path).frames == 10
    monkeypatch.setenv(f"NST_{setting}", value)
    settings.cache_clear()
    assert refused(path).code == code


def test_an_absurd_frame_rate_is_refused(tmp_path):
    path = videos.write(tmp_path / "a.mp4", [videos.bars()] * 50, codec="mpeg4", times=range(50))
    found = refused(path)
    assert found.code == "absurd_frame_rate"
    assert "frames a second" in found.message


def test_a_song_with_a_cover_has_no_moving_picture(tmp_path):
    path = videos.write_sound(tmp_path / "song.m4a")
    covered = tmp_path / "covered.m4a"
    with av.open(str(path)) as song, av.open(str(covered), "w", format="mp4") as out:
        tone = out.add_stream_from_template(song.streams.audio[0])
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(videos.bars(), format="rgb24").reformat(format="yuvj420p")
        frame.pts = 0
        out.mux(cover.encode(frame))
        out.mux(cover.encode())
        for packet in song.demux(song.streams.audio[0]):
            if packet.size:
                packet.stream = tone
                out.mux(packet)
    assert refused(covered).code == "no_moving_picture"

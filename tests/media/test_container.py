"""Files and streams are opened by allowed formats and protocols only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.container import lacks_index, open_container, protocol_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLAYLIST = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n{}\n#EXT-X-ENDLIST\n"
SESSION = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"


def test_metadata_that_is_not_utf_8_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "latin.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "TITLE"
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"TITLE", b"caf\xe9s"))
    with open_container(str(path)) as container:
        assert container.metadata["title"] in ("caf\ufffds", "caf\udce9s")  # PyAV 18, 19
        assert container.streams.video[0].width == 64


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.mp4", "ffconcat version 1.0\nfile sibling.ts\n"),
        ("a.mkv", "ffconcat version 1.0\nfile 'sibling.ts'\n"),
        ("a.m3u8", PLAYLIST.format("#EXTINF:1,\nsibling.ts")),
        ("a.m3u8", PLAYLIST.format("#EXTINF:1,\nfile:sibling.ts")),
        ("a.mp4", SESSION),
        ("a.sdp", SESSION),
        ("a.ffmeta", ";FFMETADATA1\ntitle=x\n"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nhello\n"),
        ("a.nfo", "plain text\n" * 200),
    ],
)
def test_an_upload_that_names_other_files_or_is_a_text_is_refused(
    name: str, text: str, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    make_clip(name="sibling.ts")
    (tmp_path / name).write_text(text)
    with pytest.raises(SourceError, match=f"can't open '{tmp_path}/{name}': Inval") as caught:
        vitruvian.open_input(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_pattern_in_a_video_name_is_not_expanded(
    tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    make_clip().rename(tmp_path / "img%d.jpeg.mp4")
    with vitruvian.open_input(tmp_path / "img%d.jpeg.mp4") as source:
        assert len(list(source)) == 10
    with pytest.raises(av.error.ArgumentError):
        open_container(str(tmp_path / "img%d.png"))


@pytest.mark.parametrize(
    "address", ["concat:{0}|{0}", "subfile,,start,0,end,0,,:{0}", "async:{0}", "cache:{0}"]
)
def test_protocols_that_wrap_others_are_refused(
    address: str, make_clip: Callable[..., Path]
) -> None:
    with pytest.raises(av.FFmpegError):
        open_container(address.format(make_clip(name="a.ts")))


@pytest.mark.parametrize("url", ["concat://a.ts", "lavfi://testsrc", "data://x", "gopher://h/1"])
def test_a_scheme_that_is_not_allowed_raises_an_error_that_lists_the_others(url: str) -> None:
    with pytest.raises(SourceError, match=r"the scheme must be one of .*'rtsp'.*, got"):
        vitruvian.open_input(url)


def test_an_http_playlist_of_the_same_server_is_read(
    folder_url: str, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    make_clip(name="part.ts")
    (tmp_path / "a.m3u8").write_text(PLAYLIST.format("#EXTINF:1,\npart.ts"))
    with vitruvian.open_input(f"{folder_url}/a.m3u8") as source:
        assert len(list(source)) == 10


@pytest.mark.parametrize("prefix", ["file://", "file:", "concat:", "subfile,,start,0,end,0,,:"])
def test_an_http_playlist_that_names_local_files_reads_none(
    prefix: str, folder_url: str, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    part = make_clip(name="part.ts")
    (tmp_path / "a.m3u8").write_text(PLAYLIST.format(f"#EXTINF:1,\n{prefix}{part}"))
    inner = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{prefix}{tmp_path}/a.m3u8\n"
    (tmp_path / "main.m3u8").write_text(inner)
    for name in ("a.m3u8", "main.m3u8"):
        with pytest.raises(SourceError, match=name):
            vitruvian.open_input(f"{folder_url}/{name}")


def test_an_http_script_that_names_local_files_is_refused(
    folder_url: str, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    (tmp_path / "a.mp4").write_text(f"ffconcat version 1.0\nfile {make_clip()}\n")
    with pytest.raises(SourceError, match=r"a\.mp4"):
        vitruvian.open_input(f"{folder_url}/a.mp4")


@pytest.mark.parametrize("scheme", ["HTTP", "Http"])
def test_a_scheme_may_be_in_upper_case(
    scheme: str, folder_url: str, make_clip: Callable[..., Path]
) -> None:
    make_clip(name="a.ts")
    with vitruvian.open_input(f"{scheme}{folder_url.removeprefix('http')}/a.ts") as source:
        assert len(list(source)) == 10


def test_an_image_at_a_url_says_what_to_do(folder_url: str, tmp_path: Path) -> None:
    Image.effect_noise((320, 240), 80).save(tmp_path / "a.jpg")
    with pytest.raises(SourceError, match=r"a\.jpg': an image: save it, and give its path"):
        vitruvian.open_input(f"{folder_url}/a.jpg")


def test_a_file_url_is_a_file(make_clip: Callable[..., Path]) -> None:
    with vitruvian.open_input(f"file://{make_clip()}") as source:
        assert not source.is_live
        assert len(list(source)) == 10
    assert protocol_of("HTTPS://host/a.mp4") == "https"


def test_an_mp4_file_without_its_index_is_recognised(
    tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    path = make_clip()
    assert not lacks_index(str(path))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    assert lacks_index(str(path))
    with pytest.raises(SourceError, match=r"Invalid data found .*without its index 'moov'"):
        vitruvian.open_input(path)
    large = (1).to_bytes(4, "big") + b"mdat" + (1 << 40).to_bytes(8, "big")  # size in 64 bits
    path.write_bytes(data[: int.from_bytes(data[:4], "big")] + large)
    assert lacks_index(str(path))
    for other in (b"", b"plain text", data[8:], bytes(1000)):
        (tmp_path / "other").write_bytes(other)
        assert not lacks_index(str(tmp_path / "other"))
    assert not lacks_index(str(tmp_path))

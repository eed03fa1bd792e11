"""Addresses are shown and stored without passwords, tokens and keys."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.address import is_url, without_credentials, without_password

if TYPE_CHECKING:
    from collections.abc import Callable

SECRETS = [
    "rtsp://admin:geheim@door.local:554/main",
    "rtsp://admin:ge@heim@door.local/main",
    "rtsp://admin:ge/he?im#geheim@door.local/main",
    "RTSP://ADMIN:geheim@door.local/main",
    "http://geheim@door.local/a.mp4",
    "http://door.local/a.mp4?token=geheim",
    "http://door.local/a.mp4?access_token=geheim&sig=geheim&auth=geheim&password=geheim",
    "https://door.local/a.m3u8?X-Amz-Credential=geheim&X-Amz-Signature=geheim",
    "https://door.local/a.m3u8?Policy=geheim&Key-Pair-Id=geheim&hdnts=exp=1~hmac=geheim",
    "http://door.local/a.mp4?TOKEN=geheim;jwt=geheim",
    "http://door.local/a.mp4?to%6ben=geheim",
    "http://door.local/a.mp4?geheim",
    "http://door.local/a.mp4?channel=geheim-0123456789",
    "http://door.local/a.mp4#access_token=geheim",
    "http://door.local/a;jsessionid=geheim/b.mp4",
    "http://door.local/a.mp4?url=rtsp://me:geheim@host/x",
    "rtsp://door.local/user=admin&password=geheim&channel=1",
    "rtsp://door.local/user=admin_password=geheim_channel=1_stream=0.sdp",
    "srt://door.local:9000?passphrase=geheim&mode=caller",
    "http://door.local/rtsp://me:geheim@host/x",
    "async:http://me:geheim@door.local/a.mp4",
    "concat:http://me:geheim@door.local/a.ts|http://me:geheim@door.local/b.ts",
    "subfile,,start,0,end,9,,:http://me:geheim@door.local/a.mp4",
    " http://me:geheim@door.local/a.mp4",
    "http:/me:geheim@door.local/a.mp4?token=geheim",
]


@pytest.mark.parametrize("url", SECRETS)
def test_no_secret_is_shown(url: str) -> None:
    shown = without_password(url)
    assert "geheim" not in shown
    assert "door.local" in shown
    assert without_password(shown) == shown


@pytest.mark.parametrize("url", [url for url in SECRETS if is_url(url)])
def test_no_secret_is_stored(url: str) -> None:
    assert "geheim" not in without_credentials(url)


@pytest.mark.parametrize(
    "what",
    [
        "rtsp://door.local:554/Streaming/Channels/101",
        "rtsp://door.local/cam/realmonitor?channel=2&subtype=1",
        "http://door.local:80/@user/a.mp4",
        "http://[::1]:8080/a@b.mp4",
        "udp://239.0.0.1:1234?fifo_size=1000&overrun_nonfatal=1",
        "http://door.local/view?id=3&resolution=1280x720",
        "clips/what? token=1#me@home.mp4",
        "C:/clips/a=b.mp4",
        "/clips/password=x/a.mp4",
        "camera:C920:1280x720@30",
    ],
)
def test_names_without_secrets_are_shown_unchanged(what: str) -> None:
    assert without_password(what) == what


@pytest.mark.parametrize(
    "url",
    [
        "http://me:geheim@127.0.0.1:1/a.mp4?token=geheim",
        "rtsp://me:geheim@127.0.0.1:1/a?token=geheim",
        "nothing://me:geheim@127.0.0.1:1/a?token=geheim",
        "file://me:geheim@host/none.mp4?token=geheim",
    ],
)
def test_no_error_of_a_stream_contains_a_secret(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        vitruvian.open_input(url)
    assert "geheim" not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(TypeError, match="a URL must be a str") as wrong:
        vitruvian.open_input(Path(url))
    assert "geheim" not in str(wrong.value)


@pytest.mark.parametrize("url", [url for url in SECRETS if not is_url(url)])
def test_no_error_of_a_wrong_url_contains_a_secret(url: str) -> None:
    for call in (vitruvian.open_input, vitruvian.load_image):
        with pytest.raises(SourceError) as caught:
            call(url)
        assert "geheim" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("prefix", ["camera", "opencv"])
def test_a_url_that_is_given_as_a_camera_is_shown_without_its_password(prefix: str) -> None:
    with pytest.raises(SourceError) as caught:
        vitruvian.open_input(f"{prefix}:rtsp://me:geheim@127.0.0.1:1/a?token=geheim")
    assert "geheim" not in str(caught.value)


def test_warnings_and_names_of_streams_contain_no_secret(
    folder_url: str, make_clip: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    path = make_clip(range(0, 8_000_000, 40_000), "a.mkv")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    url = folder_url.replace("//", "//me:geheim@") + "/a.mkv"
    with vitruvian.open_input(url) as source:
        assert list(source)
    assert len(source.warnings) == 1
    assert "geheim" not in source.name + source.warnings[0] + caplog.text

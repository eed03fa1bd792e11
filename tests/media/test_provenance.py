from __future__ import annotations

import pytest

from vitruvian import Provenance, open_input
from vitruvian.media.address import without_credentials
from vitruvian.media.provenance import with_source


def test_name_rate_and_size_of_the_source_are_added(tmp_path) -> None:
    from PIL import Image

    for i in range(2):
        Image.new("RGB", (60, 40)).save(tmp_path / f"{i}.png")
    with open_input(tmp_path, fps=12.5) as source:
        provenance = with_source(Provenance(model="full"), source)
        assert (provenance.model, provenance.source) == ("full", tmp_path.name)
        assert provenance.fps == source.fps
        assert provenance.wh == source.wh
        assert with_source(provenance, None) is provenance
        named = Provenance(source="a clip")
        assert with_source(named, source) is named


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rtsp://me:secret@127.0.0.1:554/main?pwd=secret#x", "rtsp://127.0.0.1:554/main"),
        ("http://127.0.0.1/video?user=me", "http://127.0.0.1/video"),
        ("rtsp://127.0.0.1/live/user=me&password=s/1.sdp?real", "rtsp://127.0.0.1/live"),
        ("rtsp://127.0.0.1/user=me_password=secret_channel=1.sdp", "rtsp://127.0.0.1"),
        ("clips/what? me@home#1.mp4", "clips/what? me@home#1.mp4"),
        ("camera 0", "camera 0"),
    ],
)
def test_no_credentials_are_kept(name: str, expected: str) -> None:
    assert without_credentials(name) == expected

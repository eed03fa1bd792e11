"""`open_input`: the source for each kind of name, and the behaviour common to all sources."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.image_kind import names_images
from vitruvian.media.pictures import ImageFile, ImageFolder
from vitruvian.media.video import Video

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def save_image(path: Path) -> Path:
    Image.new("RGB", (8, 6), (200, 10, 10)).save(path)
    return path


def test_the_name_decides_the_type_of_source(
    tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    image = save_image(tmp_path / "a.PNG")
    expected = {str(image): ImageFile, str(tmp_path): ImageFolder, f"{tmp_path}/*": ImageFolder}
    expected[str(make_clip())] = Video
    for name, kind in expected.items():
        with vitruvian.open_input(name) as source:
            assert type(source) is kind


def test_a_path_object_is_a_file_even_if_it_looks_like_a_camera(
    tmp_path: Path, make_clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(make_clip(), tmp_path / "0")
    monkeypatch.chdir(tmp_path)
    with vitruvian.open_input((tmp_path / "0").relative_to(tmp_path)) as source:
        assert sum(1 for _ in source) == 10


def test_an_existing_path_with_glob_characters_is_not_a_pattern(tmp_path: Path) -> None:
    with vitruvian.open_input(str(save_image(tmp_path / "shot[1].png"))) as source:
        assert isinstance(source, ImageFile)


@pytest.mark.parametrize("suffix", [".icns", ".dds", ".xbm", ".ppm", ".jpx", ".rgb"])
def test_rare_image_formats_are_recognised(suffix: str, tmp_path: Path) -> None:
    mode = "1" if suffix == ".xbm" else "RGBA" if suffix == ".icns" else "RGB"
    Image.new(mode, (16, 16)).save(tmp_path / f"a{suffix}")
    for name in (tmp_path / f"a{suffix}", tmp_path):
        with vitruvian.open_input(name) as source:
            assert len(list(source)) == 1


def test_a_single_gif_is_a_video(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 6), (i * 80, 0, 0)) for i in range(3)]
    path = tmp_path / "a.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    with vitruvian.open_input(path) as source:
        frames = list(source)
    assert [frame.timestamp_us for frame in frames] == [0, 100_000, 200_000]
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [0, 80, 160]


@pytest.mark.parametrize("name", ["none.jpg", "none.mp4", "none", "none/a.png", "x" * 5000])
def test_a_missing_file_raises_an_error_with_its_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=name):
        vitruvian.open_input(tmp_path / name)


def test_a_pattern_without_matches_raises_an_error_with_the_pattern(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no images match '.*\*\.jpg'"):
        vitruvian.open_input(f"{tmp_path}/*.jpg")


def test_a_folder_without_images_raises_an_error_with_its_name(
    tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    make_clip()
    with pytest.raises(SourceError, match=f"no images in folder '{tmp_path}': 1 other"):
        vitruvian.open_input(tmp_path)


def test_a_numpy_integer_is_a_camera_number() -> None:
    with pytest.raises(SourceError, match="camera 999"):
        vitruvian.open_input(np.int64(999))


@pytest.mark.parametrize(
    ("what", "error"),
    [(True, TypeError), (1.5, TypeError), (None, TypeError), (-1, ValueError), ("", ValueError)],
)
def test_an_invalid_input_raises_type_error_or_value_error(
    what: object, error: type[Exception]
) -> None:
    with pytest.raises(error, match="got"):
        vitruvian.open_input(what)


@pytest.mark.parametrize("fps", [0, -30, float("nan"), float("inf")])
def test_fps_must_be_positive(fps: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fps must be a positive number"):
        vitruvian.open_input(tmp_path, fps=fps)


def test_a_second_loop_continues_where_the_first_stopped(make_clip: Callable[..., Path]) -> None:
    with vitruvian.open_input(make_clip()) as source:
        for frame in source:
            if frame.index == 3:
                break
        assert [frame.index for frame in source] == [4, 5, 6, 7, 8, 9]
        assert list(source) == []


def test_a_closed_source_can_be_closed_again_but_not_read(make_clip: Callable[..., Path]) -> None:
    source = vitruvian.open_input(make_clip())
    frames = iter(source)
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []
    with pytest.raises(ValueError, match="is closed"):
        iter(source)


def test_a_keyboard_interrupt_in_the_loop_closes_the_source(make_clip: Callable[..., Path]) -> None:
    source = vitruvian.open_input(make_clip())

    def interrupted_loop() -> None:
        with source:
            for _ in source:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_loop()
    with pytest.raises(ValueError, match="is closed"):
        iter(source)


def test_frames_are_read_only_and_not_overwritten(make_clip: Callable[..., Path]) -> None:
    with vitruvian.open_input(make_clip()) as source:
        first = next(iter(source))
        before = first.image.copy()
        assert sum(1 for _ in source) == 9
    assert not first.image.flags.writeable
    np.testing.assert_array_equal(first.image, before)


def test_a_number_is_a_camera_also_beside_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "0").mkdir()
    assert not names_images("0")
    assert names_images("./0")


def test_a_source_without_a_way_to_open_it_again_cannot_reconnect(
    make_clip: Callable[..., Path],
) -> None:
    with vitruvian.open_input(make_clip()) as source:
        source.reopen = None
        with pytest.raises(ValueError, match=r"clip\.mp4 can't be opened again"):
            source.reconnecting()

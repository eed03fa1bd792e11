"""Patterns of file names: those of shells, FFmpeg, Blender and our own outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.pattern import is_pattern, matching_files

if TYPE_CHECKING:
    from pathlib import Path

NUMBERED = ["img_0007.png", "img_0008.png", "img_0012.png", "img_12345.png", "img_3.png"]
OTHERS = ["img_.png", "img_0007.jpg", "img_0009.png.txt", "img_a007.png", "old_img_0007.png"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NUMBERED + OTHERS:
        (tmp_path / name).touch()
    return tmp_path


def names(folder: Path, pattern: str) -> list[str]:
    found = matching_files(f"{folder}/{pattern}")
    return [name.removeprefix(f"{folder}/") for name in found]


PADDED = ["img_0007.png", "img_0008.png", "img_0012.png", "img_12345.png"]


@pytest.mark.parametrize(
    "number",
    [
        "%04d",
        "%04i",
        "####",
        "[####]",
        "@@@@",
        "$F4",
        "{frame:04d}",
        "{:04d}",
        "{i:04d}",
        "{0:04d}",
    ],
)
def test_a_number_of_4_digits_starts_anywhere_and_has_gaps(number: str, folder: Path) -> None:
    pattern = f"img_{number}.png"
    assert is_pattern(f"{folder}/{pattern}")
    assert names(folder, pattern) == PADDED


@pytest.mark.parametrize(
    "pattern", ["img_%d.png", "img_{frame}.png", "img_{:d}.png", "img_$F.png", "img_[0-9]*.png"]
)
def test_a_number_of_any_length_is_in_order_of_its_value(pattern: str, folder: Path) -> None:
    assert names(folder, pattern) == ["img_3.png", *PADDED]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("img_????.png", ["img_0007.png", "img_0008.png", "img_0012.png", "img_a007.png"]),
        ("img_000[!7].png", ["img_0008.png"]),
        ("img_%04d.*g", ["img_0007.jpg", *PADDED]),
        ("*_%04d.png", [*PADDED, "old_img_0007.png"]),
        ("%d.png", []),
        ("img_%02d.png", PADDED[-1:]),
    ],
)
def test_wildcards_and_numbers_are_combined(
    pattern: str, expected: list[str], folder: Path
) -> None:
    assert names(folder, pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("shot[1]/a_%03d.png", "shot[1]/a_001.png"),
        ("shot[1]/a_*.png", "shot[1]/a_001.png"),
        ("100%done/a_%d.png", "100%done/a_001.png"),
        ("take[2]_%03d.png", "take[2]_001.png"),
        ("take[2]_*.png", "take[2]_001.png"),
        ("100%%_%03d.png", "100%_001.png"),
        ("50%dark_*.png", "50%dark_b.png"),
        ("cam%02d/a_%03d.png", "cam01/a_001.png"),
        ("**/deep_%d.png", "cam01/in/deep_5.png"),
        ("cam01/**/*.png", "cam01/a_001.png"),
    ],
)
def test_brackets_and_percent_signs_in_names_are_found(
    pattern: str, name: str, tmp_path: Path
) -> None:
    for one in ("shot[1]/a_001.png", "100%done/a_001.png", "take[2]_001.png", "100%_001.png"):
        (tmp_path / one).parent.mkdir(exist_ok=True)
        (tmp_path / one).touch()
    (tmp_path / "cam01" / "in").mkdir(parents=True)
    for one in ("50%dark_b.png", "cam01/a_001.png", "cam01/in/deep_5.png"):
        (tmp_path / one).touch()
    assert name in names(tmp_path, pattern)


@pytest.mark.parametrize("name", ["a%04d.png", "a[1].png", "a##.png", "{frame}.png", "50%d.png"])
def test_an_existing_name_is_not_a_pattern(name: str, tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / name)
    assert not is_pattern(f"{tmp_path}/{name}")
    with vitruvian.open_input(f"{tmp_path}/{name}") as source:
        assert len(list(source)) == 1


@pytest.mark.parametrize("name", ["100%.png", "a#1.png", "{name}.png", "50% off.png", "%s.png"])
def test_a_name_without_a_number_field_is_not_a_pattern(name: str) -> None:
    assert not is_pattern(name)


def test_a_relative_pattern_matches_in_the_current_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert matching_files("img_%04d.png") == PADDED
    assert matching_files("./img_%04d.png") == [f"./{name}" for name in PADDED]


def test_the_images_of_a_numbered_pattern_are_frames(tmp_path: Path) -> None:
    for number in (5, 6, 10):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(tmp_path / f"f{number:03d}.png")
    Image.new("RGB", (4, 4)).save(tmp_path / "other.png")
    with vitruvian.open_input(f"{tmp_path}/f%03d.png", fps=10) as source:
        assert [(int(f.image[0, 0, 0]), f.timestamp_us) for f in source] == [
            (5, 0),
            (6, 100_000),
            (10, 200_000),
        ]


@pytest.mark.parametrize("name", ["f%03d.png", "f##.png", "[f.png", "[!].png", "f[z-a].png"])
def test_a_pattern_without_matches_is_an_error_with_the_pattern(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as info:
        vitruvian.open_input(f"{tmp_path}/{name}")
    assert f"no images match '{tmp_path}/{name}'" in str(info.value)

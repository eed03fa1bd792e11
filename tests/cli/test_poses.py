from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from vitruvian.analysis.classes import PoseSamples
from vitruvian.media import open_input

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Program = Callable[..., Result]

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def images(testdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of images of a squat, in a folder for each class."""
    folder = tmp_path_factory.mktemp("classes")
    with open_input(testdata / "clips" / "squats.mp4") as source:
        frames = [frame.image[::2, ::2] for frame in source]
    for label, chosen in (("down", (9, 10, 34, 35)), ("up", (0, 1, 22, 23))):
        (folder / label).mkdir()
        for i in chosen:
            Image.fromarray(frames[i]).save(folder / label / f"{i}.png")
    Image.new("RGB", (64, 64)).save(folder / "up" / "nobody.png")
    (folder / "up" / "damaged.jpg").write_bytes(b"no image")
    (folder / "notes.txt").touch()
    return folder


@pytest.mark.parametrize("output", ["model.csv", "model"])
def test_a_folder_of_images_becomes_samples(
    output: str, vitruvian: Program, images: Path, tmp_path: Path
) -> None:
    result = vitruvian("poses", "train", images, output, "-m", "lite")
    assert result.exit_code == 0, result.output
    samples = PoseSamples.load(tmp_path / output)
    assert samples.names == ("10.png", "34.png", "35.png", "9.png", *(
        "0.png", "1.png", "22.png", "23.png"
    ))  # fmt: skip
    assert samples.classes == ("down",) * 4 + ("up",) * 4
    assert np.ptp(samples.landmarks[:, :, 1]) < 640
    assert "8 of 10 images: down 4, up 4" in result.stdout
    assert f"wrote {output}" in result.stdout
    assert "left out: no person in" in result.stderr
    assert "damaged.jpg" in result.stderr


def test_a_folder_without_classes_is_refused(vitruvian: Program, tmp_path: Path) -> None:
    result = vitruvian("poses", "train", tmp_path, "model.csv")
    assert result.exit_code == 2
    assert "must have a folder of images for each class" in result.stderr
    result = vitruvian("poses", "train", tmp_path / "none", "model.csv")
    assert "there is no folder" in result.stderr
    result = vitruvian("poses", "train", tmp_path, "none/model.csv")
    assert "can't write 'none/model.csv'" in result.stderr


def test_images_without_people_are_no_samples(vitruvian: Program, tmp_path: Path) -> None:
    (tmp_path / "in" / "up").mkdir(parents=True)
    Image.new("RGB", (64, 64)).save(tmp_path / "in" / "up" / "nobody.png")
    result = vitruvian("poses", "train", "in", "model.csv", "-m", "lite")
    assert result.exit_code == 2
    assert "no image in 'in' has a pose" in result.stderr
    assert not (tmp_path / "model.csv").exists()


@pytest.mark.slow
def test_repetitions_are_drawn_and_printed(
    vitruvian: Program, testdata: Path, tmp_path: Path
) -> None:
    clip = testdata / "clips" / "squats.mp4"
    result = vitruvian("track", clip, "-m", "lite", "--reps", "squat", "-o", "a.mp4")
    assert result.exit_code == 0, result.output
    assert "person 0: 2 repetitions" in result.stdout
    vitruvian("track", clip, "-m", "lite", "-o", "plain.mp4", "--limit", "5")
    with open_input(tmp_path / "a.mp4") as noted, open_input(tmp_path / "plain.mp4") as plain:
        off = [
            np.abs(b.image.astype(int) - a.image).mean() for b, a in zip(plain, noted, strict=False)
        ]
    assert min(off) > 0.1
    unknown = vitruvian("track", clip, "--reps", "plank")
    assert unknown.exit_code == 2
    assert "exercise must be one of" in unknown.stderr

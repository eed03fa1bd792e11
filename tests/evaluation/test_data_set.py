"""Data sets: where their images are, and images that are not what the truth says."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from vitruvian.errors import SourceError
from vitruvian.evaluation import AnnotatedImage, DataSet, load_data_set

if TYPE_CHECKING:
    from pathlib import Path


def write_truth(path: Path, *names: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [{"id": name, "file_name": name, "width": 8, "height": 6} for name in names]
    path.write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    return path


def write_image(path: Path, wh: tuple[int, int] = (8, 6)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", wh, (10, 20, 30)).save(path)


@pytest.mark.parametrize("folder", [".", "annotations", "images", "../images", "../val2017", ".."])
def test_images_are_found_beside_the_annotations(tmp_path: Path, folder: str) -> None:
    truth = write_truth(tmp_path / "set" / "annotations" / "person_keypoints.json", "a.png")
    write_image(truth.parent / folder / "a.png")
    data = load_data_set("coco", truth)
    assert data.folder.resolve() == (truth.parent / folder).resolve()
    assert data.pixels(data.images[0]).shape == (6, 8, 3)
    assert (data.pixels(data.images[0]) == np.uint8([10, 20, 30])).all()


def test_a_given_folder_is_the_only_one(tmp_path: Path) -> None:
    truth = write_truth(tmp_path / "truth.json", "a.png")
    write_image(tmp_path / "a.png")
    with pytest.raises(SourceError, match=r"such as 'a.png', was found in .*other"):
        load_data_set("coco", truth, tmp_path / "other")
    write_image(tmp_path / "other" / "a.png")
    assert load_data_set("coco", truth, tmp_path / "other").folder == tmp_path / "other"


def test_absent_images_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "set"  # folders beside it are searched, too
    write_image(folder / "b.png")
    truth = write_truth(folder / "truth.json", "a.png", "b.png", "c.png")
    data = load_data_set("coco", truth)
    assert [image.name for image in data.images] == ["b.png"]
    assert data.missing == ("a.png", "c.png")


@pytest.mark.parametrize("name", ["a" * 5000, "a\0.png", "\ud800.png"])
def test_an_image_whose_name_no_file_can_have_is_absent(tmp_path: Path, name: str) -> None:
    truth = write_truth(tmp_path / "truth.json", name, "b.png")
    write_image(tmp_path / "b.png")
    assert load_data_set("coco", truth).missing == (name,)


def test_no_image_at_all_is_an_error(tmp_path: Path) -> None:
    truth = tmp_path / "set" / "annotations" / "truth.json"
    with pytest.raises(SourceError, match=r"no image of .*truth.json.*give their folder"):
        load_data_set("coco", write_truth(truth, "a.png"))
    with pytest.raises(SourceError, match="it has no images"):
        load_data_set("coco", write_truth(truth))


def test_the_folder_with_most_images_is_the_right_one(tmp_path: Path) -> None:
    truth = write_truth(tmp_path / "set" / "truth.json", "a.png", "b.png")
    for name in ("thumbnails/a.png", "val/a.png", "val/b.png"):
        write_image(tmp_path / "set" / name)
    assert load_data_set("coco", truth).folder.name == "val"


def test_an_image_of_another_size_or_damaged_is_an_error(tmp_path: Path) -> None:
    truth = write_truth(tmp_path / "truth.json", "a.png", "b.png")
    write_image(tmp_path / "a.png", (6, 8))
    (tmp_path / "b.png").write_text("not an image")
    data = load_data_set("coco", truth)
    with pytest.raises(SourceError, match="it has 6x8 px, its truth is for 8x6"):
        data.pixels(data.images[0])
    with pytest.raises(SourceError, match="can't read"):
        data.pixels(data.images[1])


def test_pixels_may_come_from_a_function_without_any_file() -> None:
    images = tuple(AnnotatedImage(str(grey), (), (4, 2)) for grey in (10, 20))
    data = DataSet(images, lambda image: np.full((2, 4, 3), int(image.name), np.uint8))
    assert [data.pixels(image).mean() for image in data.images] == [10, 20]
    data.close()
    wrong = DataSet(images, lambda image: np.zeros((4, 2, 3), np.uint8))
    with pytest.raises(SourceError, match="can't use '10': it has 2x4 px, its truth is for 4x2"):
        wrong.pixels(images[0])


def test_an_unknown_kind_is_a_value_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"kind must be one of \['coco', .*\], got 'mpi'"):
        load_data_set("mpi", tmp_path)


def test_the_metrics_need_numpy_only() -> None:
    """The workers of the benchmarks import them in environments without other libraries."""
    program = (
        "import sys, vitruvian.evaluation\n"
        "print(*{name.partition('.')[0] for name in sys.modules} & {'PIL', 'av', 'openvino'})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("\n", "")

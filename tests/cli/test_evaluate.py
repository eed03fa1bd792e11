from __future__ import annotations

import json
import pickle
import signal
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

import vitruvian as vt
from vitruvian.core.skeleton import COCO17
from vitruvian.engine.estimator import PoseEstimator
from vitruvian.evaluation import coco_landmarks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from typer.testing import Result

pytestmark = pytest.mark.weights


@pytest.fixture(scope="session")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The annotations of two images: a frame with one person, and an empty room."""
    folder = tmp_path_factory.mktemp("set")
    with vt.open_input(str(files("vitruvian") / "data" / "demo.mp4")) as source:
        frame = list(source)[40].image
    Image.fromarray(frame).save(folder / "person.png")
    Image.new("RGB", (320, 240), (90, 120, 150)).save(folder / "room.png")
    with vt.PoseEstimator("lite") as estimator:
        landmarks = coco_landmarks(estimator.detect(frame).pose.landmarks)[:, :2]
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    person = {
        "image_id": 1,
        "category_id": 1,
        "keypoints": np.column_stack([landmarks, np.full(17, 2)]).ravel().tolist(),
        "bbox": [*low.tolist(), *(high - low).tolist()],
    }
    truth = {
        "images": [{"id": i, "file_name": f} for i, f in enumerate(("room.png", "person.png"))],
        "categories": [{"id": 1, "name": "person", "keypoints": COCO17.names}],
        "annotations": [person],
    }
    (folder / "truth.json").write_text(json.dumps(truth))
    return folder / "truth.json"


def column(result: Result, index: int = 0) -> dict[str, str]:
    """Return one column of the printed table by the name of the row."""
    rows = (line.split("  ") for line in result.stdout.splitlines())
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    return {row[0]: row[1 + index] for row in cells if len(row) > 1 + index}


def test_the_table_has_a_column_for_each_model_and_profile(
    vitruvian: Callable[..., Result], annotated: Path
) -> None:
    words = ("-m", "lite,full", "--profile", "default,tasks")
    result = vitruvian("evaluate", "coco", annotated, *words)
    assert result.exit_code == 0, result.output
    header = result.stdout.splitlines()[0].split("  ")
    assert [cell.strip() for cell in header if cell.strip()] == [
        *("2 images", "lite default", "lite tasks", "full default", "full tasks")
    ]
    for index in range(4):
        assert column(result, index)["people found"] == "1 of 1"
        assert column(result, index)["poses that fit nobody"] == "0 of 1, 0 %"
    assert column(result)["PCK@0.1, missed = wrong"] == "1.000"


def test_several_reaches_are_columns_too(vitruvian: Callable[..., Result], annotated: Path) -> None:
    words = ("-m", "lite", "--reach", "normal,far", "-n", "4")
    result = vitruvian("evaluate", "coco", annotated, *words)
    assert result.stdout.splitlines()[0].split() == ["2", "images", "lite", "normal", "lite", "far"]


def test_the_report_has_the_scores_and_every_image(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    result = vitruvian("evaluate", "coco", annotated, "-m", "lite", "-n", "3", "--json", "r.json")
    assert result.stdout.splitlines()[-1] == "wrote r.json"
    (evaluation,) = json.loads((tmp_path / "r.json").read_text())["evaluations"]
    assert (evaluation["options"]["model"], evaluation["options"]["num_poses"]) == ("lite", 3)
    assert evaluation["scores"]["people"]["found"] == {"found": 1, "people": 1}
    assert evaluation["scores"]["oks_ap"]["ap"] == 1.0
    assert [(i["name"], i["n_found"]) for i in evaluation["images"]] == [
        *(("room.png", 0), ("person.png", 1))
    ]


@pytest.mark.parametrize("name", ["worst.png", "worst.JPG"])
def test_the_sheet_shows_only_images_with_something_wrong(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path, name: str
) -> None:
    data = json.loads(annotated.read_text())
    (tmp_path / "truth.json").write_text(json.dumps(data | {"annotations": []}))
    words = ("-m", "lite", "--images", annotated.parent, "--sheet", name, "-q")
    result = vitruvian("evaluate", "coco", "truth.json", *words)
    assert (result.exit_code, result.output) == (0, "")
    with Image.open(tmp_path / name) as sheet:
        one_tile = sheet.size
    data["annotations"][0]["image_id"] = 0
    (tmp_path / "truth.json").write_text(json.dumps(data))
    vitruvian("evaluate", "coco", "truth.json", *words)
    with Image.open(tmp_path / name) as sheet:
        assert sheet.width * sheet.height > one_tile[0] * one_tile[1]


def test_the_sheet_outlines_missed_people_without_an_annotated_box(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    data = json.loads(annotated.read_text())
    data["annotations"][0]["image_id"] = 0
    data["annotations"][0].pop("bbox", None)
    (tmp_path / "truth.json").write_text(json.dumps(data))
    words = ("-m", "lite", "--images", annotated.parent, "--sheet", "worst.png", "-q")
    assert vitruvian("evaluate", "coco", "truth.json", *words).exit_code == 0
    with Image.open(tmp_path / "worst.png") as sheet:
        red, green, blue = np.moveaxis(np.asarray(sheet.convert("RGB"), int), 2, 0)
    assert ((red > green + 120) & (red > blue + 120)).sum() > 50


def test_the_sheet_of_classes_shows_the_images_without_a_pose(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    (tmp_path / "yoga.txt").write_text("person.png,0,1,2\nroom.png,0,1,3\n")
    words = ("-m", "lite", "--images", annotated.parent, "--sheet", "worst.png")
    result = vitruvian("evaluate", "yoga82", "yoga.txt", *words)
    assert result.exit_code == 0, result.output
    cells = column(result)
    assert (cells["images with a pose"], cells["3"], cells["2"]) == ("1 of 2", "0 of 1", "1 of 1")
    assert "people found" not in cells
    with Image.open(tmp_path / "worst.png") as sheet:
        assert sheet.width < 2 * 400  # one tile


def test_without_errors_no_sheet_is_written(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    result = vitruvian("evaluate", "coco", annotated, "-m", "lite", "--sheet", "worst.png")
    assert result.exit_code == 0, result.output
    assert "no sheet written: no missed people and no false poses" in result.stderr
    assert "wrote" not in result.stdout
    assert not (tmp_path / "worst.png").exists()


def test_a_damaged_image_is_left_out_with_a_warning(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    truth = tmp_path / "truth.json"
    truth.write_bytes(annotated.read_bytes())
    (tmp_path / "person.png").write_bytes((annotated.parent / "person.png").read_bytes())
    (tmp_path / "room.png").write_text("not an image")
    result = vitruvian("evaluate", "coco", truth, "-m", "lite")
    assert result.exit_code == 0, result.output
    assert "warning: left out: can't read" in result.stderr
    assert result.stdout.split("  ")[0].strip() == "1 image"


def test_absent_images_are_told(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    (tmp_path / "room.png").write_bytes((annotated.parent / "room.png").read_bytes())
    result = vitruvian("evaluate", "coco", annotated, "-m", "lite", "--images", ".")
    assert "warning: 1 of 2 images are not in" in result.stderr
    assert "such as 'person.png'" in result.stderr
    assert column(result)["people found"] == "0 of 0"


def test_the_first_images_can_be_used_alone(
    vitruvian: Callable[..., Result], annotated: Path
) -> None:
    result = vitruvian("evaluate", "coco", annotated, "-m", "lite", "--limit", "1")
    assert column(result)["images where nobody was found"] == "0 of 0"


def test_an_interruption_keeps_what_was_measured(
    vitruvian: Callable[..., Result],
    annotated: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    detect = PoseEstimator.detect

    def interrupted(self: PoseEstimator, image: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return detect(self, image)

    monkeypatch.setattr(PoseEstimator, "detect", interrupted)
    result = vitruvian("evaluate", "coco", annotated, "-m", "lite", "--json", "r.json")
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "interrupted after 1 of 2 images"
    assert column(result)["images where nobody was found"] == "0 of 0"
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["n_images"], report["evaluations"][0]["n_evaluated"]) == (2, 1)


def test_other_detectors_stand_beside(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    (person,) = json.loads(annotated.read_text())["annotations"]
    exact = {"image_id": 1, "category_id": 1, "keypoints": person["keypoints"], "score": 0.9}
    (tmp_path / "exact.coco.json").write_text(json.dumps([exact]))
    (tmp_path / "none.json").write_text("[]")
    others = ("--results", "exact.coco.json", "--results", "none.json:nothing at all")
    words = ("-m", "lite", *others)
    result = vitruvian(
        "evaluate", "coco", annotated, *words, "--sheet", "s.png", "--json", "r.json"
    )
    assert result.exit_code == 0, result.output
    header = [cell.strip() for cell in result.stdout.splitlines()[0].split("  ") if cell.strip()]
    assert header == ["2 images", "lite", "exact", "nothing at all"]
    assert column(result, 1)["PCK@0.1, missed = wrong"] == "1.000"
    assert column(result, 2)["people found"] == "0 of 1"
    assert column(result, 1)["ms per image"] == "-"
    assert (tmp_path / "s.png").exists()  # the missed person of the last column
    report = json.loads((tmp_path / "r.json").read_text())
    assert [one["name"] for one in report["evaluations"]] == header[1:]
    assert report["evaluations"][1]["options"] is None


def test_results_that_do_not_fit_are_refused(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text("[]")
    (tmp_path / "b.json").write_text("{}")
    for words, reason in (
        (("a.json:lite",), "'lite' is the name of another column"),
        (("absent.json:x",), "there is no file 'absent.json'"),
        (("b.json",), "the top level must be a list"),
    ):
        result = vitruvian("evaluate", "coco", annotated, "-m", "lite", "--results", *words)
        assert result.exit_code != 0
        (line,) = result.stderr.splitlines()
        assert reason in line


def test_the_table_is_written_as_markdown_and_the_errors_as_a_plot(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    words = ("-m", "lite,full", "--markdown", "t.md", "--plot", "p.svg")
    result = vitruvian("evaluate", "coco", annotated, *words)
    assert result.stdout.splitlines()[-2:] == ["wrote t.md", "wrote p.svg"]
    lines = (tmp_path / "t.md").read_text().splitlines()
    assert lines[0].startswith("2 images, vitruvian ")
    assert lines[2:5] == ["|  | lite | full |", "| --- | --: | --: |",
                          "| people found | 1 of 1 | 1 of 1 |"]  # fmt: skip
    assert "| people found: below 96 px tall | 0 of 0 | 0 of 0 |" in lines
    svg = (tmp_path / "p.svg").read_text()
    assert svg.count("<polyline") == 12 + 2 * 2  # grid, curves and legend
    assert "(17 landmarks, 2 images)" in svg
    vitruvian("evaluate", "coco", annotated, "-m", "lite", "--plot", "p.png", "-q")
    with Image.open(tmp_path / "p.png") as image:
        assert image.size == (1440, 880)
    refused = vitruvian("evaluate", "coco", annotated, "--plot", "p.pdf")
    assert "a plot must end with .svg or .png, got 'p.pdf'" in refused.stderr


def test_boxes_of_the_truth_say_where_people_are(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    data = json.loads(annotated.read_text())
    with Image.open(annotated.parent / "person.png") as image:
        wide = Image.new("RGB", (5 * image.width, image.height), (90, 120, 150))
        wide.paste(image, (0, 0))
        wide.paste(image, (4 * image.width, 0))
        shift = 4 * image.width
    wide.save(tmp_path / "two.png")
    (person,) = data["annotations"]
    moved = np.add(np.reshape(person["keypoints"], (17, 3)), [shift, 0, 0])
    box = [person["bbox"][0] + shift, *person["bbox"][1:]]
    data["images"] = [{"id": 1, "file_name": "two.png"}]
    data["annotations"].append({**person, "keypoints": moved.ravel().tolist(), "bbox": box})
    (tmp_path / "truth.json").write_text(json.dumps(data))
    assert column(vitruvian("evaluate", "coco", "truth.json", "-m", "lite"))["people found"] == (
        "1 of 2"
    )
    result = vitruvian("evaluate", "coco", "truth.json", "-m", "lite", "--boxes")
    assert column(result)["people found"] == "2 of 2"
    assert column(result)["PCK@0.2, missed = wrong"] == "1.000"
    refused = vitruvian("evaluate", "coco", "truth.json", "--boxes", "--track")
    assert "--track and --boxes exclude each other" in refused.stderr


def test_people_are_tracked_through_each_sequence(
    vitruvian: Callable[..., Result], annotated: Path, tmp_path: Path
) -> None:
    (person,) = json.loads(annotated.read_text())["annotations"]
    image = (annotated.parent / "person.png").read_bytes()
    for sequence in ("a", "b"):
        names = [f"{sequence}{k}.png" for k in range(3)]
        for name in names:
            (tmp_path / name).write_bytes(image)
        truth = {
            "images": [{"id": i, "file_name": name} for i, name in enumerate(names)],
            "categories": [{"id": 1, "name": "person", "keypoints": COCO17.names}],
            "annotations": [{**person, "image_id": i, "track_id": 5} for i in range(3)],
        }
        (tmp_path / f"{sequence}.json").write_text(json.dumps(truth))
    result = vitruvian("evaluate", "posetrack18", ".", "-m", "lite", "--track", "--every", "2")
    assert result.exit_code == 0, result.output
    cells = column(result)
    assert result.stdout.split("  ")[0].strip() == "3 images"
    assert (cells["IDF1"], cells["MOTA"], cells["ID switches"]) == ("1.000", "1.000", "0")
    plain = vitruvian("evaluate", "posetrack18", ".", "-m", "lite")
    assert "IDF1" not in column(plain)


def test_a_video_that_does_not_fit_is_told_once(
    vitruvian: Callable[..., Result], tmp_path: Path
) -> None:
    np.savez(tmp_path / "h36m.npz", positions_3d={"S9": {"Walk": np.ones((3, 32, 3))}})
    lens = {"f": [[9.0], [9.0]], "c": [[4.0], [4.0]], "k": [0, 0, 0], "p": [0, 0], "w": 8, "h": 8}
    camera = {**lens, "R": np.eye(3), "T": np.zeros((3, 1))}
    (tmp_path / "cameras.pkl").write_bytes(pickle.dumps({("S9", "1"): camera}))
    demo = files("vitruvian") / "data" / "demo.mp4"
    video = tmp_path / "S9" / "Videos" / "Walk.1.mp4"
    video.parent.mkdir(parents=True)
    video.write_bytes(demo.read_bytes())
    result = vitruvian("evaluate", "h36m", "h36m.npz", "-m", "lite")
    assert result.exit_code == 1
    warning, error = result.stderr.splitlines()
    assert "frames, its truth 3" in warning
    assert error == "error: no image could be read"

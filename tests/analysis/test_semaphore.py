"""Flag semaphore is read correctly at any frame rate, with noise and short errors."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vitruvian.analysis.semaphore import SemaphoreReader, semaphore_letter
from vitruvian.core.pose import Pose
from vitruvian.core.roi import Roi
from vitruvian.core.semaphore import REST, SEMAPHORE
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.synthetic import Person, Scene, motions

if TYPE_CHECKING:
    from collections.abc import Iterator

PANGRAM = "SPHINX OF BLACK QUARTZ JUDGE MY VOW"
LONG = "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG AND WILL KEEP MISSING BOOKS"
JOINTS = ("shoulder", "elbow", "wrist")
SHOULDERS = {"right": (40.0, 60.0), "left": (70.0, 60.0)}  # of a person facing the camera

Signs = list[tuple[tuple[float, float] | None, float]]


def arms(right: float, left: float, *, bend_deg: float = 0.0, length: float = 30.0) -> np.ndarray:
    """(33, 2) image px: straight arms in these directions, eighths of a turn counter-clockwise."""
    landmarks = np.zeros((33, 2))
    for side, eighth in (("right", right), ("left", left)):
        upper, fore = (math.radians(45 * eighth + bend) for bend in (0, bend_deg))
        shoulder, elbow, wrist = (BLAZEPOSE.index(f"{side}_{j}") for j in JOINTS)
        landmarks[shoulder] = SHOULDERS[side]
        landmarks[elbow] = landmarks[shoulder] - length * np.array(
            [math.sin(upper), math.cos(upper)]
        )
        landmarks[wrist] = landmarks[elbow] - length * np.array([math.sin(fore), math.cos(fore)])
    return landmarks


def pose_of(landmarks: np.ndarray, visibility: np.ndarray | None = None) -> Pose:
    seen = np.ones(33) if visibility is None else visibility
    xyz = np.column_stack([landmarks, np.zeros(33)])
    return Pose(
        xyz, seen, np.ones(33), np.zeros((33, 3)), Roi((50.0, 50.0), (100.0, 100.0)), score=1.0
    )


def played(signs: Signs, fps: float, *, start_s: float = 0.0) -> Iterator[tuple[float, np.ndarray]]:
    """Yield time in µs and landmarks of consecutive signs, each held for some seconds."""
    ends = np.cumsum([seconds for _, seconds in signs])
    for i in range(math.ceil(ends[-1] * fps)):
        sign = signs[int(np.searchsorted(ends, i / fps, side="right"))][0]
        yield round((start_s + i / fps) * 1e6), None if sign is None else arms(*sign)


def text_of(signs: Signs, fps: float = 30.0, reader: SemaphoreReader | None = None) -> str:
    reader = SemaphoreReader() if reader is None else reader
    done = [reader.update(person, time_us) for time_us, person in played(signs, fps)]
    assert "".join(letter for letter in done if letter) == reader.text
    return reader.text


def true_landmarks(text: str, times_s: np.ndarray, letter_s: float = 1.0) -> np.ndarray:
    """(T, 33, 2) image px: true landmarks of the mannequin that signals `text`."""
    scene = Scene([Person(motion=motions.semaphore(text, letter_s=letter_s))])
    return np.array([
        scene.camera.image_from_scene(scene.people[0].body(t).landmarks, (320, 240))[:, :2]
        for t in times_s
    ])  # fmt: skip


# --- one letter ---


@pytest.mark.parametrize("letter", SEMAPHORE)
def test_every_letter_is_read_from_its_arms(letter: str) -> None:
    landmarks = arms(*SEMAPHORE[letter])
    assert semaphore_letter(landmarks) == letter
    assert semaphore_letter(pose_of(landmarks)) == letter
    assert semaphore_letter(np.rint(landmarks).astype(np.int32)) == letter
    assert semaphore_letter(np.vstack([landmarks, np.zeros((2, 2))])) == letter


def test_undefined_arm_directions_give_no_letter() -> None:
    both = {(right, left) for right in range(8) for left in range(8)}
    letters = {arms for arms in SEMAPHORE.values()} | {(1, 3)}
    letters |= {arms[::-1] for arms in letters}
    assert {pair for pair in both if semaphore_letter(arms(*pair))} == letters
    assert semaphore_letter(arms(*REST)) is None


def test_exchanged_arms_give_the_same_letter_except_for_i_and_k() -> None:
    read = {letter: semaphore_letter(arms(*pair[::-1])) for letter, pair in SEMAPHORE.items()}
    assert {letter: other for letter, other in read.items() if other != letter} == {
        "I": "K", "K": "I",
    }  # fmt: skip


def test_both_forms_of_i_are_read() -> None:
    assert semaphore_letter(arms(0, 3)) == semaphore_letter(arms(1, 3)) == "I"


def test_left_and_right_are_those_of_the_person() -> None:
    landmarks = arms(*SEMAPHORE["B"])
    assert landmarks[16, 0] < landmarks[12, 0]  # the right arm points left in the image
    assert semaphore_letter(landmarks) == "B"
    assert semaphore_letter(landmarks * [-1, 1]) == "F"


@pytest.mark.parametrize("letter", SEMAPHORE)
def test_a_mirrored_image_is_read_with_mirrored(letter: str) -> None:
    # In a flipped image, left and right arm are exchanged.
    flipped = (arms(*SEMAPHORE[letter]) * [-1, 1] + [110, 0])[list(BLAZEPOSE.mirrored)]
    assert semaphore_letter(flipped, mirrored=True) == letter
    twice = (flipped * [-1, 1] + [110, 0])[list(BLAZEPOSE.mirrored)]
    assert semaphore_letter(twice) == letter


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("letter", SEMAPHORE)
def test_borders_are_halfway_between_the_eighths(letter: str, side: int) -> None:
    right, left = SEMAPHORE[letter]
    inside, outside = (side * (22.5 + off) / 45 for off in (-0.1, 0.1))
    assert semaphore_letter(arms(right + inside, left + inside)) == letter
    neighbours = ((right + side) % 8, (left + side) % 8)
    expected = semaphore_letter(arms(*neighbours))
    assert semaphore_letter(arms(right + outside, left + outside)) == expected


def test_straight_arms_are_read_as_in_the_source() -> None:
    keys = {arms: letter for letter, arms in SEMAPHORE.items()}
    generator = np.random.default_rng(0)
    n_letters = 0
    for turns in generator.uniform(0, 8, (3000, 2)):
        landmarks = arms(*turns)
        upper = landmarks[[14, 13]] - landmarks[[12, 11]]
        angles_deg = np.degrees(np.arctan2(upper[:, 0], upper[:, 1]))
        right, left = ((angles_deg + 202.5) / 45).astype(int) % 8
        expected = keys.get((right, left))
        if expected is not None:
            assert semaphore_letter(landmarks) == expected
            n_letters += 1
    assert n_letters > 1000


def test_an_arm_pointing_left_is_not_read_as_right() -> None:
    landmarks = np.zeros((33, 2), int)
    landmarks[[12, 14, 16]] = (40, 50), (20, 50), (0, 50)
    landmarks[[11, 13, 15]] = (60, 50), (60, 70), (60, 90)
    assert semaphore_letter(landmarks) == "B"


@pytest.mark.parametrize("name", ["left_shoulder", "right_shoulder", "left_elbow", "right_elbow"])
def test_occluded_shoulder_or_elbow_gives_no_letter(name: str) -> None:
    landmarks, visibility = arms(*SEMAPHORE["R"]), np.ones(33)
    visibility[BLAZEPOSE.index(name)] = 0.4
    assert semaphore_letter(landmarks, visibility) is None
    assert semaphore_letter(pose_of(landmarks, visibility)) is None
    unknown = landmarks.copy()
    unknown[BLAZEPOSE.index(name)] = np.nan
    assert semaphore_letter(unknown) is None


def test_with_an_occluded_wrist_the_elbow_gives_the_direction() -> None:
    landmarks, visibility = arms(*SEMAPHORE["R"], bend_deg=90), np.ones(33)
    visibility[[15, 16]] = 0.1
    assert semaphore_letter(landmarks, visibility) == "R"


@pytest.mark.parametrize(("bend_deg", "letter"), [(30, "N"), (-40, "N"), (85, None), (-110, None)])
def test_bent_arms_give_no_letter(bend_deg: float, letter: str | None) -> None:
    assert semaphore_letter(arms(*SEMAPHORE["N"], bend_deg=bend_deg)) == letter


def test_arm_without_a_direction_gives_no_letter() -> None:
    assert semaphore_letter(np.zeros((33, 2))) is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinite_landmarks_give_no_letter(value: float) -> None:
    assert semaphore_letter(np.full((33, 3), value)) is None
    points = np.full((33, 3), value)
    points[:, 1] = -value
    assert semaphore_letter(points) is None


@pytest.mark.parametrize("shape", [(33,), (16, 2), (33, 1), (1, 33, 3)])
def test_landmarks_of_a_wrong_shape_raise_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(33, 2 or more\), got"):
        semaphore_letter(np.zeros(shape))


def test_visibility_of_another_length_raises_an_error() -> None:
    with pytest.raises(ValueError, match=r"visibility must have shape \(33,\), got \(5,\)"):
        semaphore_letter(arms(*REST), np.ones(5))


# --- a text ---


@pytest.mark.parametrize("fps", [5, 7.3, 10, 12.5, 25, 30, 60])
def test_text_is_the_same_at_every_frame_rate(fps: float) -> None:
    times_s = np.arange(0, motions.semaphore_duration_s(LONG), 1 / fps)
    reader = SemaphoreReader()
    for time_s, landmarks in zip(times_s, true_landmarks(LONG, times_s), strict=True):
        reader.update(landmarks, round(time_s * 1e6))
    assert reader.text == LONG


@pytest.mark.parametrize("seed", range(3))
def test_text_is_the_same_with_noise_uneven_times_and_dropped_frames(seed: int) -> None:
    generator = np.random.default_rng(seed)
    times_s = np.arange(0, motions.semaphore_duration_s(LONG), 1 / 30)
    times_s = times_s[generator.random(times_s.size) > 0.3]
    times_s = np.sort(times_s + generator.uniform(0, 0.02, times_s.size))
    landmarks = true_landmarks(LONG, times_s)
    landmarks += generator.normal(0, 1.5, landmarks.shape)  # px; an arm has 55
    slips = generator.random(times_s.size) < 0.02
    landmarks[slips] = landmarks[slips][:, list(BLAZEPOSE.mirrored)]
    reader = SemaphoreReader()
    for time_s, points in zip(times_s, landmarks, strict=True):
        reader.update(points, round(time_s * 1e6))
    assert reader.text == LONG


def test_slow_and_fast_signals_are_read_with_a_matching_hold() -> None:
    for letter_s in (0.5, 2.0):
        times_s = np.arange(0, motions.semaphore_duration_s(PANGRAM, letter_s=letter_s), 1 / 25)
        reader = SemaphoreReader(hold_s=0.5 * letter_s)
        for time_s, points in zip(times_s, true_landmarks(PANGRAM, times_s, letter_s), strict=True):
            reader.update(points, round(time_s * 1e6))
        assert reader.text == PANGRAM


def test_a_letter_is_read_once_regardless_of_hold_time() -> None:
    assert text_of([(SEMAPHORE["A"], 9.0)]) == "A"


def test_a_letter_that_is_not_held_is_not_read() -> None:
    assert text_of([(SEMAPHORE["A"], 0.4), (SEMAPHORE["B"], 0.6), (SEMAPHORE["C"], 0.4)]) == "B"


@pytest.mark.parametrize("between", [REST, SEMAPHORE["J"], (5, 3), None])
def test_a_letter_is_repeated_after_leaving_the_sign(between: tuple[int, int] | None) -> None:
    letter = SEMAPHORE["L"]
    assert text_of([(letter, 0.7), (between, 0.3), (letter, 0.7)]) == "LL"


@pytest.mark.parametrize("slip", [REST, SEMAPHORE["J"], (5, 3), None])
def test_a_short_error_is_ignored(slip: tuple[int, int] | None) -> None:
    letter = SEMAPHORE["L"]
    assert text_of([(letter, 0.7), (slip, 0.1), (letter, 0.7)]) == "L"
    assert text_of([(letter, 0.3), (slip, 0.1), (letter, 0.2)]) == "L"  # held for 0.6 s in all


def test_rest_is_one_space_between_words_and_none_at_the_start() -> None:
    signs = [
        (REST, 2.0), (SEMAPHORE["A"], 0.7), (REST, 3.0), (None, 1.0), (REST, 1.0),
        (SEMAPHORE["B"], 0.7),
    ]  # fmt: skip
    assert text_of(signs) == "A B"


def test_without_a_person_no_letter_and_no_space_is_read() -> None:
    assert text_of([(None, 1.0), (SEMAPHORE["A"], 0.7), (None, 2.0), (SEMAPHORE["B"], 0.7)]) == "AB"


def test_jitter_at_a_border_does_not_change_the_letter() -> None:
    # Without hysteresis, a left arm halfway between C and T would alternate between the two.
    reader, generator = SemaphoreReader(), np.random.default_rng(0)
    shown = set()
    for i in range(300):
        off = 0.0 if i < 20 else 0.5 + generator.uniform(-6, 6) / 45
        reader.update(arms(2, 6 + off), i * 33_333)
        shown.add(reader.candidate)
    assert reader.text == "R"
    assert shown == {None, "R"}


def test_candidate_and_progress_follow_the_held_sign() -> None:
    reader = SemaphoreReader(hold_s=1.0)
    seen = []
    for time_us, person in played([(SEMAPHORE["C"], 1.3), (REST, 0.5)], fps=10):
        reader.update(person, time_us)
        seen.append((reader.candidate, round(reader.progress, 2)))
    assert seen[0] == (None, 0.0)
    assert seen[5] == ("C", 0.5)
    assert seen[10:13] == [("C", 1.0)] * 3
    assert seen[-1] == (" ", 0.45)  # the rest began between two frames


def test_mirrored_reader_reads_flipped_landmarks() -> None:
    reader, plain = SemaphoreReader(mirrored=True), SemaphoreReader()
    for time_us, person in played([(SEMAPHORE["B"], 0.8), (SEMAPHORE["L"], 0.8)], fps=20):
        flipped = (person * [-1, 1])[list(BLAZEPOSE.mirrored)]
        reader.update(flipped, time_us)
        plain.update(flipped, time_us)
    assert reader.text == "BL"
    assert plain.text == "F"


def test_reset_equals_a_new_reader_and_readers_are_independent() -> None:
    signs = [(SEMAPHORE["A"], 0.7), (REST, 0.7), (SEMAPHORE["Z"], 0.3)]
    used, other = SemaphoreReader(), SemaphoreReader()
    assert text_of(signs, reader=used) == "A "
    used.reset()
    assert vars(used) == vars(other)
    assert text_of(signs, reader=used) == text_of(signs, reader=other) == "A "


def test_timestamps_must_increase() -> None:
    reader = SemaphoreReader()
    reader.update(None, 40_000)
    with pytest.raises(ValueError, match="timestamp_us must increase, got 40000 after 40000"):
        reader.update(None, 40_000)


@pytest.mark.parametrize("hold_s", [0, -1, math.inf, math.nan])
def test_an_invalid_hold_raises_an_error(hold_s: float) -> None:
    with pytest.raises(ValueError, match="hold_s must be positive"):
        SemaphoreReader(hold_s)


# --- from rendered images ---


@pytest.mark.slow
@pytest.mark.weights
def test_a_rendered_sentence_with_all_letters_is_read_correctly() -> None:
    from vitruvian.track.tracker import PoseTracker

    scene = Scene([Person(motion=motions.semaphore(PANGRAM))])
    reader, completed = SemaphoreReader(), []
    with PoseTracker("lite") as tracker:
        for frame, _ in scene.frames(motions.semaphore_duration_s(PANGRAM), 8, (144, 144)):
            letter = reader.update(tracker.update(frame).pose, frame.timestamp_us)
            completed += [(letter, frame.timestamp_us / 1e6)] if letter else []
    assert "".join(letter for letter, _ in completed) == reader.text == PANGRAM
    # Each letter is read while it is held.
    assert all(i + 0.4 < time_s < i + 1.2 for i, (_, time_s) in enumerate(completed))


@pytest.mark.weights
def test_flipped_images_are_read_with_mirrored() -> None:
    from vitruvian.track.tracker import PoseTracker

    scene = Scene([Person(motion=motions.semaphore("BOLL"))])
    reader = SemaphoreReader(mirrored=True)
    with PoseTracker("lite") as tracker:
        for frame, _ in scene.frames(motions.semaphore_duration_s("BOLL"), 8, (144, 144)):
            flipped = replace(frame, image=np.ascontiguousarray(frame.image[:, ::-1]))
            reader.update(tracker.update(flipped).pose, frame.timestamp_us)
    assert reader.text == "BOLL"


@pytest.mark.weights
def test_bodies_of_depthai_blazepose_are_read() -> None:
    from vitruvian.compat.depthai_blazepose import BlazeposeDepthai

    text, fps = "WE OK", 8
    clip = Scene([Person(motion=motions.semaphore(text))]).frames(len(text), fps, (144, 144))
    bgr = [np.ascontiguousarray(frame.image[..., ::-1]) for frame, _ in clip]
    tracker, reader = BlazeposeDepthai(bgr, lm_model="lite", internal_fps=fps), SemaphoreReader()
    for i in range(len(bgr)):
        _, body = tracker.next_frame()
        reader.update(None if body is None else body.landmarks, round(i * 1e6 / fps))
    tracker.exit()
    assert reader.text == text

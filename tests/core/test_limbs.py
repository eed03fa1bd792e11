from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vitruvian.core.limbs import SIDES, LeftRightFilter, LimbLengthFilter, Swaps
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.synthetic import Camera, Person, motions

STEP_US = 33_333
SIZE_PX = 250.0
HANDS, FEET = range(13, 23), range(25, 33)  # all but shoulders and hips
BONES = [(11, 13), (13, 15), (12, 14), (14, 16), (23, 25), (25, 27), (24, 26), (26, 28)]
TRUNK = [*range(11), 11, 12, 23, 24]
MIRRORED = np.array(BLAZEPOSE.mirrored)


def sample_world(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.4, (33, 3)).astype(np.float32)


def bone_lengths(world: np.ndarray) -> np.ndarray:
    return np.array([np.linalg.norm(world[b] - world[a]) for a, b in BONES])


# --- lengths ---


def test_limbs_get_the_mean_length_of_both_sides() -> None:
    steady = bone_lengths(LimbLengthFilter(memory_s=5.0)(sample_world(0), 0))
    raw = bone_lengths(sample_world(0))
    for left, right in ((0, 2), (1, 3), (4, 6), (5, 7)):
        assert_allclose(steady[[left, right]], raw[[left, right]].mean(), rtol=1e-5)


def test_lengths_are_the_mean_so_far_and_then_a_running_mean() -> None:
    steady, memory_s = LimbLengthFilter(memory_s=5.0), 5.0
    lengths = [bone_lengths(sample_world(seed)) for seed in range(300)]
    answers = [bone_lengths(steady(sample_world(s), s * STEP_US)) for s in range(300)]
    first = np.mean(lengths[:60], axis=0)[[0, 2]].mean()
    assert_allclose(answers[59][0], first, rtol=1e-3)
    assert np.std([a[0] for a in answers[200:]]) < 0.1 * np.std([n[0] for n in lengths])
    double = [bone_lengths(steady(2 * sample_world(s), s * STEP_US)) for s in range(300, 1200)]
    assert_allclose(double[-1][0], 2 * answers[-1][0], rtol=0.1)
    gained = (double[150][0] - answers[-1][0]) / answers[-1][0]
    assert_allclose(gained, 1 - np.exp(-151 * STEP_US / 1e6 / memory_s), atol=0.1)


def test_directions_stay_and_hands_and_feet_move_along() -> None:
    steady = LimbLengthFilter(memory_s=5.0)
    steady(sample_world(1), 0)
    world = sample_world(2)
    answer = steady(world, STEP_US)
    assert_array_equal(answer[TRUNK], world[TRUNK])
    for a, b in BONES:
        unit = (world[b] - world[a]) / np.linalg.norm(world[b] - world[a])
        assert_allclose((answer[b] - answer[a]) / np.linalg.norm(answer[b] - answer[a]), unit,
                        atol=1e-5)  # fmt: skip
    for end, parts in ((15, (17, 19, 21)), (16, (18, 20, 22)), (27, (29, 31)), (28, (30, 32))):
        for part in parts:
            assert_allclose(answer[part] - answer[end], world[part] - world[end], atol=1e-5)


def test_a_body_of_constant_lengths_is_unchanged() -> None:
    steady = LimbLengthFilter(memory_s=5.0)
    world = (sample_world(3) + sample_world(3)[MIRRORED] * np.float32([-1, 1, 1])) / 2
    for i in range(5):
        assert_allclose(steady(world, i * STEP_US), world, atol=1e-6)


def test_a_limb_without_length_is_unchanged() -> None:
    world = sample_world(4)
    world[13] = world[11]
    answer = LimbLengthFilter(memory_s=5.0)(world, 0)
    assert np.isfinite(answer).all()
    assert_array_equal(answer[13], answer[11])


@pytest.mark.parametrize("timestamp_us", [0, STEP_US])
def test_a_time_that_does_not_increase_changes_no_length(timestamp_us: int) -> None:
    one, other = LimbLengthFilter(memory_s=5.0), LimbLengthFilter(memory_s=5.0)
    for steady in (one, other):
        steady(sample_world(0), STEP_US)
    one(sample_world(1), timestamp_us)
    assert_array_equal(one(sample_world(2), 2 * STEP_US), other(sample_world(2), 2 * STEP_US))


# --- sides ---

WH = (640, 640)
CAMERA = Camera(position=(0.0, 1.6, 5.5), target=(0.0, 0.9, 0.0))


def sample_points(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(300, 40, (33, 3)).astype(np.float32)


def swapped(points: np.ndarray, limb: range) -> np.ndarray:
    answer = points.copy()
    answer[limb, :2] = points[MIRRORED[limb], :2]
    return answer


def guarded(
    frames: list[np.ndarray], *, fps: float = 30, guard: LeftRightFilter | None = None
) -> list[np.ndarray]:
    guard = LeftRightFilter() if guard is None else guard
    times = (round((i + 1) * 1e6 / fps) for i in range(len(frames)))
    return [guard(f, f, t, SIZE_PX).undone(f) for f, t in zip(frames, times, strict=True)]


Body = tuple[np.ndarray, np.ndarray]
"""Landmarks (33, 3) in px and world landmarks (33, 3) in m."""


def seen(person: Person, seconds: float, fps: float) -> list[Body]:
    """Return the true landmarks of a person over time."""
    bodies = []
    for i in range(round(seconds * fps)):
        body = person.body(i / fps)
        at = CAMERA.camera_from_scene(body.landmarks)
        middle = at[23:25].mean(axis=0)
        image = CAMERA.image_from_scene(body.landmarks, WH)
        image[:, 2] = (at[:, 2] - middle[2]) * CAMERA.focal_px(WH) / middle[2]
        bodies.append((image.astype(np.float32), (at - middle).astype(np.float32)))
    return bodies


def mistaken(body: Body) -> Body:
    """Return what a network gives that takes a front view for a back view, or the reverse."""
    return Swaps(body=True, arms=False, legs=False).undone(body[0]), MIRROR @ body[1]


MIRROR = np.eye(33, dtype=np.float32)[MIRRORED]


def found(bodies: list[Body], fps: float) -> list[Swaps]:
    guard = LeftRightFilter()
    return [
        guard(image, world, round((i + 1) * 1e6 / fps), float(2 * np.ptp(image[:, 1])))
        for i, (image, world) in enumerate(bodies)
    ]


NONE = Swaps(body=False, arms=False, legs=False)
WHOLE = NONE._replace(body=True)


@pytest.mark.parametrize("fps", [5, 10, 15, 30, 60, 120])
@pytest.mark.parametrize("heading_deg", range(0, 360, 45))
def test_people_who_walk_in_any_direction_are_not_swapped(fps: int, heading_deg: int) -> None:
    angle = np.radians(heading_deg)
    start = (-1.2 * np.sin(angle), -1.2 * np.cos(angle))
    walker = Person(motion=motions.walk(1.3), position=start, heading_deg=heading_deg)
    assert set(found(seen(walker, 2.0, fps), fps)) == {NONE}


@pytest.mark.parametrize("fps", [15, 30, 60])
@pytest.mark.parametrize(
    "motion",
    [
        motions.turn(1.6),
        motions.turn(-1.2),
        motions.jumping_jack(0.9),
        motions.semaphore("LNRQE", letter_s=0.6),
        motions.squat(1.2),
        motions.wave(0.6),
    ],
)
@pytest.mark.parametrize("heading_deg", [0, 70, 180])
def test_people_who_turn_jump_or_signal_are_not_swapped(
    fps: int, motion: motions.Motion, heading_deg: int
) -> None:
    person = Person(motion=motion, heading_deg=heading_deg)
    assert set(found(seen(person, 2.4, fps), fps)) == {NONE}


@pytest.mark.parametrize("fps", [10, 30, 60])
@pytest.mark.parametrize("heading_deg", [0, 20, 160, 180])
def test_a_lasting_swap_of_a_walking_body_is_undone(fps: int, heading_deg: int) -> None:
    """A person who comes nearer is seen from the front, one who goes away from behind."""
    walker = Person(
        motion=motions.walk(1.1),
        position=(0, -1 if heading_deg < 90 else 1),
        heading_deg=heading_deg,
    )
    bodies = seen(walker, 2.4, fps)
    wrong = range(round(0.8 * fps), round(1.8 * fps))
    given = [mistaken(body) if i in wrong else body for i, body in enumerate(bodies)]
    swaps = found(given, fps)
    assert [i for i, swap in enumerate(swaps) if swap == WHOLE] == list(wrong)
    for i in wrong:
        assert_allclose(swaps[i].undone(given[i][0]), bodies[i][0], atol=1e-3)
        assert_array_equal(swaps[i].undone(given[i][1])[11:], bodies[i][1][11:])


def test_a_body_that_is_swapped_from_the_start_is_corrected_by_its_motion() -> None:
    bodies = seen(Person(motion=motions.walk(1.1), position=(0, -1)), 2.4, 30)
    given = [body if i % 8 == 7 else mistaken(body) for i, body in enumerate(bodies)]
    expected = [NONE if i % 8 == 7 else WHOLE for i in range(len(given))]
    assert found(given, 30)[45:] == expected[45:]


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_a_swap_of_the_legs_of_a_walker_seen_from_the_side_is_undone(fps: int) -> None:
    walker = Person(motion=motions.walk(1.3), position=(-1.2, 0), heading_deg=90)
    bodies = seen(walker, 2.0, fps)
    wrong = range(round(0.9 * fps), round(1.05 * fps))
    given = [
        (swapped(image, FEET), swapped(world, FEET)) if i in wrong else (image, world)
        for i, (image, world) in enumerate(bodies)
    ]
    legs = [i for i, swap in enumerate(found(given, fps)) if swap.legs]
    assert legs == list(wrong)


def test_a_swap_of_the_body_turns_the_face_to_the_other_side() -> None:
    points = sample_points(3)
    answer = WHOLE.undone(points)
    assert_array_equal(answer[:, :2], points[MIRRORED, :2])
    assert_array_equal(answer[7:9], points[[8, 7]])
    assert_allclose(answer[0, 2] - answer[7:9, 2].mean(), points[7:9, 2].mean() - points[0, 2],
                    rtol=1e-4)  # fmt: skip
    assert_array_equal(answer[11:], points[MIRRORED[11:]])


@pytest.mark.parametrize("limb", [HANDS, FEET])
@pytest.mark.parametrize("count", [1, 3])
def test_a_short_swap_of_sides_is_undone(limb: range, count: int) -> None:
    still = sample_points()
    crossed = swapped(still, limb)
    for points in guarded([still, still, *[crossed] * count, still, still]):
        assert_array_equal(points, still)


def test_world_x_and_y_of_a_limb_are_swapped_but_not_z() -> None:
    still, world, guard = sample_points(), sample_world(0), LeftRightFilter()
    guard(still, world, STEP_US, SIZE_PX)
    crossed = swapped(still, FEET)
    swaps = guard(crossed, world, 2 * STEP_US, SIZE_PX)
    assert_array_equal(swaps.undone(crossed), still)
    assert_array_equal(swaps.undone(world), swapped(world, FEET))
    assert_array_equal(swaps.undone(world)[:, 2], world[:, 2])


def test_arms_and_legs_are_swapped_independently() -> None:
    still = sample_points()
    both = swapped(swapped(still, HANDS), FEET)
    for points in guarded([still, both, swapped(still, HANDS), still, swapped(still, FEET)]):
        assert_array_equal(points, still)


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_a_lasting_swap_of_a_limb_is_accepted_after_a_short_time(fps: int) -> None:
    still = sample_points()
    joints = [25, 26, 27, 28]
    apart = np.linalg.norm(swapped(still, FEET) - still, axis=1)[joints].mean() / SIZE_PX
    apart /= 1 + 1 / fps / SIDES.patience_s
    frames = [still] * 5 * fps + [swapped(still, FEET)] * 2 * fps
    undone = [(points == still).all() for points in guarded(frames, fps=fps)[5 * fps :]]
    believed_s = undone.index(False) / fps
    assert not any(undone[undone.index(False) :])
    assert believed_s == pytest.approx(apart / SIDES.limb_price_per_s, abs=0.1 + 1 / fps)


def test_legs_that_pass_each_other_are_not_swapped() -> None:
    frames = []
    for i in range(30):
        points = sample_points()
        points[[25, 27], 0] = 300 + 8 * (i - 15)
        points[[26, 28], 0] = 300 - 8 * (i - 15)
        points[[25, 26, 27, 28], 1] = 400, 404, 500, 496
        frames.append(points)
    for points, frame in zip(guarded(frames), frames, strict=True):
        assert_array_equal(points, frame)


def test_a_guard_after_reset_is_as_new_and_does_not_change_its_input() -> None:
    still, guard = sample_points(), LeftRightFilter()
    guarded([swapped(still, FEET)] * 3, guard=guard)
    guard.reset()
    crossed = swapped(still, FEET)
    kept = crossed.copy()
    fresh = guarded([still, crossed, still])
    for one, other in zip(guarded([still, crossed, still], guard=guard), fresh, strict=True):
        assert_array_equal(one, other)
    assert_array_equal(crossed, kept)


@pytest.mark.parametrize("late_us", [0, STEP_US])
def test_a_time_that_does_not_increase_keeps_the_state(late_us: int) -> None:
    still, guard = sample_points(), LeftRightFilter()
    guard(still, still, STEP_US, SIZE_PX)
    crossed = swapped(still, FEET)
    assert guard(crossed, crossed, late_us, SIZE_PX) == NONE


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_landmarks_that_are_not_finite_change_nothing(value: float) -> None:
    still, guard, other = sample_points(), LeftRightFilter(), LeftRightFilter()
    strange = still.copy()
    strange[27, 0] = value
    for points in (still, strange, still):
        guard(points, points, STEP_US, SIZE_PX)
    other(still, still, STEP_US, SIZE_PX)
    crossed = swapped(still, FEET)
    for i in range(2, 30):
        one, two = (g(crossed, crossed, i * STEP_US, SIZE_PX) for g in (guard, other))
        assert one == two

"""Trackers and estimators use the protocol `Pipeline` only, so networks may run elsewhere."""

from __future__ import annotations

import multiprocessing
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.fakes import Actor, TrackedClip, fake_scene
from tests.remote import RemoteModel, serve, serve_model

from vitruvian import Model, PoseEstimator, PoseTracker
from vitruvian.engine.model_like import ModelLike
from vitruvian.synthetic import Person, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIONS = [
    {},
    {"segmentation": True},
    {"num_poses": 2, "segmentation": True},
    {"profile": "solutions", "crop": "center", "force_detection": True},
    {"profile": "tasks", "num_poses": 2},
    {"detection_confidence": 0.7, "presence_confidence": 0.9},
]


def values(result: Any) -> list[Any]:
    """All numbers of a result, for bitwise comparison."""
    return [
        (pose.to_dict(), None if pose.mask is None else pose.mask.tobytes())
        for pose in result.poses
    ]


@pytest.mark.parametrize("options", OPTIONS)
def test_a_tracker_gets_the_same_results_from_another_thread(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = Actor(hips=(250, 240), seed=1), Actor(hips=(390, 240), seed=2, detection_score=0.8)
    scene = fake_scene(monkeypatch, ann, bob)
    scene.has_masks = True
    model = RemoteModel()
    thread = Thread(target=serve, args=(model.far_end, Model()), daemon=True)
    thread.start()
    clips = [TrackedClip(scene, tracker=PoseTracker(m, **options)) for m in (model, Model())]
    lost = [[ann, bob], [ann, bob], [bob], [], [bob, ann], [ann, bob]]
    for scene.actors in lost:
        remote, local = (clip.track_frame() for clip in clips)
        assert values(remote) == values(local)
        assert len(remote.poses) <= len(scene.actors)
    assert {"remote detect", "remote estimate"} <= set(clips[0].tracker.stats)
    clips[0].tracker.close()
    model.close()
    thread.join()


@pytest.fixture(scope="module")
def remote() -> Iterator[RemoteModel]:
    model = RemoteModel()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=serve_model, args=(model.far_end, "lite"))
    process.start()
    model.far_end.close()
    yield model
    model.close()
    process.join()


@pytest.mark.weights
@pytest.mark.parametrize("options", OPTIONS[:3])
def test_a_tracker_gets_the_same_results_from_another_process(
    remote: RemoteModel, options: dict[str, Any]
) -> None:
    scene = Scene([Person()])
    with PoseTracker(remote, **options) as far, PoseTracker("lite", **options) as near:
        for i in range(6):
            image = scene.render(i / 10, (320, 240)).image
            results = [t.update(image, timestamp_us=33_333 * (i + 1)) for t in (far, near)]
            assert values(results[0]) == values(results[1])
            assert len(results[0].poses) == 1


@pytest.mark.weights
def test_an_estimator_gets_the_same_results_from_another_process(remote: RemoteModel) -> None:
    image = Scene([Person()]).render(0.0, (320, 240)).image
    with PoseEstimator(remote, num_poses=2) as far, PoseEstimator("lite", num_poses=2) as near:
        assert values(far.detect(image)) == values(near.detect(image))
        assert far.detect(np.zeros_like(image)).poses == ()


def test_model_objects_and_model_names_are_told_apart() -> None:
    assert isinstance(RemoteModel(), ModelLike)
    assert not isinstance("full", ModelLike)
    with pytest.raises(ValueError, match="threads belongs to the model"):
        PoseTracker(RemoteModel(), threads=2)

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitruvian import Style, TrackerOptions
from vitruvian.core.camera import Camera
from vitruvian.lift.camera_options import CameraOptions
from vitruvian.oak.options import OakOptions
from vitruvian.runs.job import Job
from vitruvian.runs.settings import Settings


def test_canonical_json_does_not_depend_on_the_order_of_options() -> None:
    a = Settings(options=TrackerOptions(num_poses=2, models_dir=Path("models")))
    b = Settings(options=TrackerOptions(models_dir="models", num_poses=2))
    assert a.to_json() == b.to_json()
    assert '"models_dir":"models","num_poses":2,' in a.to_json().replace('"model":"full",', "")


def test_fingerprint_is_the_digest_of_the_canonical_json() -> None:
    settings = Settings(options=TrackerOptions("lite"))
    assert settings.fingerprint == hashlib.sha256(settings.to_json().encode()).hexdigest()
    assert Settings(options=TrackerOptions("lite")).fingerprint == settings.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"options": TrackerOptions("heavy")},
        {"options": TrackerOptions(num_poses=2)},
        {"style": Style()},
        {"rotation_deg": 90},
        {"limit": 10},
        {"realtime": True},
        {"oak": OakOptions(mode="host", landmark_blob=Path("full.blob"))},
        {"camera_space": CameraOptions()},
        {"camera_space": CameraOptions(fov_deg=70)},
        {"camera_space": CameraOptions(camera=Camera.from_focal((640, 480), 500), height_m=1.7)},
    ],
)
def test_every_field_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert Settings(**change).fingerprint != Settings().fingerprint
    assert pickle.loads(pickle.dumps(Settings(**change))) == Settings(**change)


def test_settings_with_an_open_model_have_no_fingerprint() -> None:
    class Provider:
        def open_pipeline(self, options: object) -> None: ...

    with pytest.raises(TypeError, match="give its name instead"):
        _ = Settings(options=TrackerOptions(Provider())).fingerprint


def test_equal_settings_have_the_same_fingerprint() -> None:
    settings = Settings(rotation_deg=90, limit=5, realtime=True)
    one, two = (CameraOptions(focal_px=value) for value in (1000, np.float32(1000)))
    assert Settings(camera_space=one).fingerprint == Settings(camera_space=two).fingerprint
    of_numpy = Settings(rotation_deg=np.int64(90), limit=np.int32(5), realtime=np.True_)
    assert of_numpy == settings
    assert of_numpy.fingerprint == settings.fingerprint
    forever = Settings(options=TrackerOptions(id_memory_s=float("inf")))
    assert forever.fingerprint != settings.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"rotation_deg": 45},
        {"rotation_deg": "90"},
        {"limit": 0},
        {"limit": -1},
        {"limit": 1.5},
        {"exercise": "plank"},
    ],
)
def test_a_wrong_value_is_told(change: dict[str, Any]) -> None:
    (name, value) = next(iter(change.items()))
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got {value!r}$"):
        Settings(**change)


def test_an_exercise_is_known_by_one_name() -> None:
    settings = Settings(exercise="push-up")
    assert settings == Settings(exercise="push_up")
    assert settings.fingerprint != Settings().fingerprint


def test_jobs_and_settings_survive_pickling() -> None:
    job = Job("in.mp4", "in.mp4", (Path("out.csv"),))
    settings = Settings(options=TrackerOptions(threads=2), style=Style())
    assert pickle.loads(pickle.dumps((job, settings))) == (job, settings)
    assert hash(pickle.loads(pickle.dumps(job))) == hash(job)

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import pytest

from vitruvian import Style, TrackerOptions
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
    ],
)
def test_every_field_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert Settings(**change).fingerprint != Settings().fingerprint


def test_settings_with_an_open_model_have_no_fingerprint() -> None:
    class Provider:
        def open_pipeline(self, options: object) -> None: ...

    with pytest.raises(TypeError):
        _ = Settings(options=TrackerOptions(Provider())).fingerprint


def test_jobs_and_settings_survive_pickling() -> None:
    job = Job("in.mp4", "in.mp4", (Path("out.csv"),))
    settings = Settings(options=TrackerOptions(threads=2), style=Style())
    assert pickle.loads(pickle.dumps((job, settings))) == (job, settings)
    assert hash(pickle.loads(pickle.dumps(job))) == hash(job)

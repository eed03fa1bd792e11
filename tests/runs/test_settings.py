from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import pytest

from vitruvian import Style
from vitruvian.runs.job import Job
from vitruvian.runs.settings import Settings


def test_canonical_json_does_not_depend_on_the_order_of_options() -> None:
    a = Settings(options={"num_poses": 2, "models_dir": Path("models")}, style=Style(box=True))
    b = Settings(options={"models_dir": Path("models"), "num_poses": 2}, style=Style(box=True))
    assert a.to_json() == b.to_json()
    assert '"options":{"models_dir":"models","num_poses":2}' in a.to_json()


def test_fingerprint_is_the_digest_of_the_canonical_json() -> None:
    settings = Settings(model="lite")
    assert settings.fingerprint == hashlib.sha256(settings.to_json().encode()).hexdigest()
    assert Settings(model="lite").fingerprint == settings.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"model": "heavy"},
        {"options": {"num_poses": 2}},
        {"style": Style()},
        {"rotation_deg": 90},
        {"limit": 10},
        {"realtime": True},
    ],
)
def test_every_field_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert Settings(**change).fingerprint != Settings().fingerprint


@pytest.mark.parametrize("value", [object(), float("nan")])
def test_an_option_without_a_json_form_has_no_fingerprint(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        _ = Settings(options={"smoothing": value}).fingerprint


def test_jobs_and_settings_survive_pickling() -> None:
    job = Job("in.mp4", "in.mp4", (Path("out.csv"),))
    settings = Settings(options={"threads": 2}, style=Style())
    assert pickle.loads(pickle.dumps((job, settings))) == (job, settings)
    assert hash(pickle.loads(pickle.dumps(job))) == hash(job)
    assert (settings.threads, Settings().threads) == (2, None)

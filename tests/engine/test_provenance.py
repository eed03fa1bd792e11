from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest
from tests.fakes import fake_networks, picture

from vitruvian import PoseEstimator, PoseTracker


@pytest.fixture(autouse=True)
def _networks(monkeypatch):
    fake_networks(monkeypatch)


def result_of(engine):
    if isinstance(engine, PoseEstimator):
        return engine.detect(picture())
    return engine.update(picture(), timestamp_us=0)


@pytest.mark.parametrize("cls", [PoseEstimator, PoseTracker])
def test_model_profile_and_options_are_recorded(cls):
    with cls("full", num_poses=np.int64(3), profile="default", models_dir=".") as engine:
        provenance = result_of(engine).provenance
    assert (provenance.model, provenance.model_sha256) == ("fake", "full")
    assert provenance.detector_sha256 == "detector"
    assert provenance.profile == "default"
    names = {field.name for field in fields(engine.options)} - {"model", "models_dir", "profile"}
    assert set(provenance.options) == names
    assert provenance.options["num_poses"] == 3
    assert provenance.source is None
    json.dumps(provenance.to_dict())


def test_options_are_strict_json():
    with PoseTracker(id_memory_s=float("inf")) as tracker:
        options = result_of(tracker).provenance.options
    assert json.loads(json.dumps(dict(options), allow_nan=False))["id_memory_s"] == "inf"


def test_a_rotated_result_has_its_provenance():
    with PoseTracker("full") as tracker:
        result = tracker.update(picture(), timestamp_us=0, rotation_deg=90)
    assert result.provenance.model == "fake"

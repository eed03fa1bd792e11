from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest
from tests.fakes import fake_networks

from vitruvian import PoseEstimator, PoseTracker, open_input


@pytest.fixture(autouse=True)
def _networks(monkeypatch):
    fake_networks(monkeypatch)


@pytest.mark.parametrize("cls", [PoseEstimator, PoseTracker])
def test_model_profile_and_options_are_recorded(cls):
    with cls("full", num_poses=np.int64(3), profile="default", models_dir=".") as engine:
        provenance = engine.provenance()
    assert (provenance.model, provenance.model_sha256) == ("fake", "full")
    assert provenance.detector_sha256 == "detector"
    assert provenance.profile == "default"
    names = {field.name for field in fields(engine.options)} - {"model", "models_dir", "profile"}
    assert set(provenance.options) == names
    assert provenance.options["num_poses"] == 3
    assert provenance.source is None
    json.dumps(provenance.to_dict())


def test_it_is_json_that_every_reader_knows():
    with PoseTracker(id_memory_s=float("inf")) as tracker:
        options = tracker.provenance().options
    assert json.loads(json.dumps(dict(options), allow_nan=False))["id_memory_s"] == "inf"


def test_the_source_is_told(tmp_path):
    from PIL import Image

    Image.new("RGB", (60, 40)).save(tmp_path / "wall.png")
    with PoseTracker() as tracker, open_input(tmp_path / "wall.png") as source:
        provenance = tracker.provenance(source)
    assert provenance.source == "wall.png"
    assert provenance.wh == (60, 40)

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

import vitruvian
from vitruvian import Provenance

SAMPLE = Provenance(
    model="full",
    model_sha256="12ab",
    detector_sha256="34cd",
    profile="default",
    options={"num_poses": 2, "threads": None},
    source="walk.mp4",
    fps=29.97,
    wh=(640, 480),
    camera={"name": "left", "wh": [640, 480], "is_assumed": False, "height_m": None},
    run={"input": "56ef", "settings": {"limit": 3}},
)


@pytest.mark.parametrize("provenance", [SAMPLE, Provenance()])
def test_a_provenance_survives_json_and_copying(provenance: Provenance) -> None:
    loaded = Provenance.from_dict(json.loads(json.dumps(provenance.to_dict())))
    for twin in (loaded, copy.deepcopy(provenance), pickle.loads(pickle.dumps(provenance))):
        assert twin == provenance
        assert type(twin.wh) is type(provenance.wh)


def test_a_provenance_has_the_version_of_the_package() -> None:
    assert Provenance().version == vitruvian.__version__


def test_unknown_keys_are_ignored_and_missing_ones_are_none() -> None:
    assert Provenance.from_dict({"version": "9", "lens": "wide"}) == Provenance(version="9")


def test_a_provenance_is_frozen() -> None:
    options = {"num_poses": 2}
    provenance = Provenance(options=options)
    options["num_poses"] = 3
    assert provenance.options["num_poses"] == 2
    with pytest.raises(TypeError):
        provenance.options["num_poses"] = 3  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        provenance.model = "lite"  # type: ignore[misc]


def test_every_field_counts_for_equality() -> None:
    for field in fields(Provenance):
        is_mapping = field.name in ("options", "camera", "run")
        assert replace(SAMPLE, **{field.name: {"other": 1} if is_mapping else None})
        if not is_mapping and field.name != "wh":
            assert replace(SAMPLE, **{field.name: "other"}) != SAMPLE
    assert replace(SAMPLE, options={}) != SAMPLE
    assert replace(SAMPLE, run={}) != SAMPLE
    assert replace(SAMPLE, wh=None) != SAMPLE

"""The table of quantities agrees with the fields of the classes."""

from __future__ import annotations

from dataclasses import fields

import pytest

from vitruvian import BLAZEPOSE, Landmark, PersonSequence, Pose, PoseSequence
from vitruvian.core.schema import OPTIONAL, QUANTITIES, REQUIRED, columns_of
from vitruvian.core.table import FRAME_COLUMNS, POSE_COLUMNS, WHOLE_COLUMNS

NAMES = [q.name for q in QUANTITIES]


@pytest.mark.parametrize("cls", [Pose, PoseSequence, PersonSequence])
def test_every_quantity_has_a_typed_field_and_every_array_is_a_quantity(cls):
    by_name = {field.name: field for field in fields(cls)}
    assert by_name.keys() >= set(NAMES)
    for q in QUANTITIES:
        is_optional = by_name[q.name].type == "NDArray[np.float32] | None"
        assert is_optional == q.is_optional
        assert (by_name[q.name].default is None) == q.is_optional
    typed = {
        name for name, field in by_name.items() if field.type.startswith("NDArray[np.float32]")
    }
    assert typed - {"mask"} == set(NAMES)


@pytest.mark.parametrize("cls", [Pose, PoseSequence, PersonSequence])
def test_every_quantity_is_documented(cls):
    assert [name for name in NAMES if name not in cls.__doc__] == []
    assert all(q.doc for q in QUANTITIES)


def test_a_landmark_has_every_quantity():
    (first, *others) = QUANTITIES
    assert Landmark._fields == (*first.axes, *(q.name for q in others))
    assert set(Landmark._field_defaults) == {q.name for q in OPTIONAL}


def test_fields_of_a_quantity_are_consistent():
    assert (*REQUIRED, *OPTIONAL) == QUANTITIES
    for q in QUANTITIES:
        assert q.shape == ((33, 3) if q.axes else (33,))
        assert (q.space is None) == (not q.axes)
        assert q.rotation is None or q.axes
        assert len(q.suffixes) == max(1, len(q.axes))


def test_columns_are_unique_and_name_the_landmark():
    names = columns_of(QUANTITIES)
    everything = (*FRAME_COLUMNS, *POSE_COLUMNS, *names)
    assert len(set(everything)) == len(everything)
    assert set(WHOLE_COLUMNS) <= set(everything)
    assert columns_of(REQUIRED)[:8] == (
        *("nose_x", "nose_y", "nose_z", "nose_visibility", "nose_presence"),
        *("nose_world_x", "nose_world_y", "nose_world_z"),
    )
    assert names[-4:] == tuple(
        f"right_foot_index_{s}" for s in ("camera_x", "camera_y", "camera_z", "spread_px")
    )
    assert len(columns_of(REQUIRED)) == 8 * len(BLAZEPOSE)

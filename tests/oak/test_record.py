from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.oak.script_device import ScriptDevice
from vitruvian.core.camera import Camera
from vitruvian.errors import DeviceError
from vitruvian.oak.device import edge_script as program
from vitruvian.oak.options import OakOptions
from vitruvian.oak.record import EdgeRecord
from vitruvian.oak.runtime import ScriptError

DEPTH = OakOptions(mode="edge", xyz=True)
REGION = (320.0, 240.0, 200.0, 0.5)
POSE = b"".join(np.arange(n, dtype="<f4").tobytes() for n in (195, 99))
MEASURED = np.array([1, 2, 30, 40], "<i4").tobytes() + np.arange(34, dtype="<f4").tobytes()


def packet(flags: int = 0, code: int = 0, region: tuple[float, ...] = REGION) -> bytes:
    """The header that the program of the device makes, for frame 7."""
    return program.packet(7, flags, code, 0.75, 0.5, region)


def packets() -> list[bytes]:
    """One packet of each kind."""
    return [
        packet(1, region=()),
        packet(1),
        packet(2) + POSE,
        packet(7, code=1) + POSE + MEASURED,
    ]


def test_a_record_has_the_values_of_its_packet() -> None:
    record = EdgeRecord.from_bytes(packet(7, code=2) + POSE + MEASURED)
    assert (record.number, record.is_detected) == (7, True)
    assert (record.detection_score, record.score) == (0.75, 0.5)
    assert (*record.center, record.side, record.rotation) == REGION
    assert_array_equal(record.landmarks, np.arange(195))
    assert_array_equal(record.world, np.arange(99))
    assert record.reference == "mid_shoulders"
    assert record.zone_xyxy == (1, 2, 30, 40)
    assert record.reference_m == 0
    assert_array_equal(record.depths_m, np.arange(1, 34))


def test_the_numbers_of_frames_may_be_as_large_as_a_camera_counts() -> None:
    data = program.packet(2**40, 1, 0, 0.75, math.nan, ())
    assert EdgeRecord.from_bytes(data).number == 2**40


def test_without_a_person_everything_else_is_missing() -> None:
    record = EdgeRecord.from_bytes(program.packet(7, 1, 0, 0.1, math.nan, ()))
    assert record.landmarks is record.world is record.zone_xyxy is record.depths_m is None
    assert record.reference is None
    numbers = record.score, record.side, record.rotation, record.reference_m, *record.center
    assert all(map(math.isnan, numbers))
    assert not record.is_pending


def test_a_detection_waits_for_its_landmarks() -> None:
    assert EdgeRecord.from_bytes(program.packet(7, 1, 0, 0.9, math.nan, REGION)).is_pending
    assert not EdgeRecord.from_bytes(packet(2) + POSE).is_pending


def test_arrays_of_a_record_are_read_only() -> None:
    record = EdgeRecord.from_bytes(packet(7, code=1) + POSE + MEASURED)
    for values in (record.landmarks, record.world, record.depths_m):
        assert values is not None
        assert values.dtype == np.float32
        assert not values.flags.writeable


@pytest.mark.parametrize("data", packets())
def test_a_packet_of_another_length_is_damaged(data: bytes) -> None:
    for other in (data[:-1], data + b"\0", data[:3], b""):
        with pytest.raises(ValueError, match="packet must"):
            EdgeRecord.from_bytes(other)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"VX" + packet()[2:], "packet must start with b'VE', got b'VX'"),
        (b"VE\x02" + packet()[3:], "packet must have version 1, got 2"),
        (packet(4), "packet must have flags of"),
        (packet(9), "packet must have flags of"),
        (packet(code=3), "packet must name reference 0 to 2, got 3"),
        (packet(region=(1.0, 2.0, -3.0, 0.0)), "packet must have a region"),
        (packet(region=(math.inf, 2.0, 3.0, 0.0)), "packet must have a region"),
        (packet(2, region=()) + POSE, "packet must have a region with its landmarks"),
    ],
)
def test_a_damaged_packet_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EdgeRecord.from_bytes(data)


def test_random_bytes_are_a_record_or_an_error_of_the_value() -> None:
    rng = np.random.default_rng(0)
    for data in packets():
        for _ in range(300):
            damaged = bytearray(data)
            for i in rng.integers(0, min(len(data), 64), 2):
                damaged[i] = rng.integers(256)
            try:
                EdgeRecord.from_bytes(bytes(damaged))
            except (ValueError, ScriptError):
                continue


def test_an_error_of_the_script_is_a_device_error_of_one_line_with_its_text() -> None:
    try:
        {}["a\nb"]
    except KeyError as err:
        data = program.error_packet(err)
    with pytest.raises(DeviceError, match=r"^the script of the device failed: KeyError: ") as err:
        EdgeRecord.from_bytes(data)
    assert isinstance(err.value, ScriptError)
    assert "test_an_error_of_the_script" in str(err.value)
    assert "\n" not in str(err.value)


def test_an_error_whose_text_is_not_utf_8_is_told() -> None:
    with pytest.raises(ScriptError, match="failed: ValueError"):
        EdgeRecord.from_bytes(b"VE\x01\x80ValueError: \xff\xfe")


def test_depths_of_a_record_are_those_of_its_frame() -> None:
    camera = Camera.from_fov((1152, 648), 1.2)
    record = ScriptDevice(DEPTH).run().records[-1]
    depths = record.landmark_depths(camera)
    assert_array_equal(depths.depths_m, record.depths_m)
    assert depths.camera is camera
    assert (depths.reference, depths.reference_m) == ("mid_hips", 2.5)
    assert depths.zone_xyxy == record.zone_xyxy


def test_a_record_without_depths_has_unknown_ones_and_the_camera() -> None:
    camera = Camera.from_fov((640, 480), 70.0)
    depths = EdgeRecord(number=3, is_detected=False).landmark_depths(camera)
    assert np.isnan(depths.depths_m).all()
    assert np.isnan(depths.reference_m)
    assert depths.camera is camera

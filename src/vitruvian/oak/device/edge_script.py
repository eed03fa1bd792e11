# mypy: disable-error-code="name-defined"
# ruff: noqa: F821 - the device's Python has `node` and the classes of messages as globals
"""Mode "edge": detects a person, tracks the region from frame to frame and measures depth.

This text runs in the script node of the device, followed by a call of `run`: Python 3.9 without
NumPy. `vitruvian.oak.script.edge_script` sets the constants of the first block. The packets are
those of `vitruvian.oak.record`.

A region is a tuple: x and y of its centre, side (px of the frame) and rotation (rad, clockwise on
screen). An empty tuple means that there is none.
"""

from math import atan2, cos, degrees, floor, hypot, isfinite, isnan, nan, pi, sin
from struct import pack, unpack_from

__all__ = ["run"]

FRAME_WH = (1152, 648)
WHOLE_WH = (1152, 648)  # the whole image, of which a frame may be the square in the middle
CROP_LEFT = 0  # its columns to the left of the frame
DEPTH_SCALE = 1.0  # width of the depth image, in parts of that of the whole image
DETECTION_CONFIDENCE = 0.5
PRESENCE_CONFIDENCE = 0.5
TRACKING_CONFIDENCE = 0.5
FORCE_DETECTION = False
HAS_DEPTH = False
TRACE = False

DETECTOR_SIDE, LANDMARK_SIDE = 224, 256
N_BODY, N_VALUES, N_WORLD = 33, 195, 99  # landmarks of the body; five values each, and six more
EXPANSION = 1.25  # MediaPipe, pose_detection_to_roi.pbtxt, scale_x
# An ImageManip can't take regions that are many times as large as the frame: depthai_blazepose #29,
# depthai-python #657. Its limit is not documented.
MAX_SIDE = 3.0 * max(FRAME_WH)
MIN_SIDE = 1.0
HIPS, SHOULDERS = (23, 24), (11, 12)
REFERENCES = ((1, HIPS), (2, SHOULDERS))  # in order of preference, with their codes in a packet
REFERENCE_ALPHA = 0.5  # low-pass; this and the zones: depthai_blazepose, template_manager_script.py
MIN_HALF_ZONE, ZONES_A_SIDE = 4, 90
DEPTH_RANGE_MM = (100, 10000)
OFFSETS = {"result": 0, "Identity": 0, "Identity_1": 448, "Identity_4": 512}  # bytes, in a blob

VERSION = 1
DETECTED, WITH_LANDMARKS, WITH_DEPTHS, FAILED = 1, 2, 4, 128
HEADER, FAILURE = "<2s3B3xq6d", "<2s2B"
NO_REGION = (nan, nan, nan, nan)


def trace(text: str) -> None:
    """Log one step."""
    if TRACE:
        node.warn("trace: " + text)  # the lowest level that the device sends


def send(data: bytes) -> None:
    """Send a packet to the host."""
    buffer = Buffer(len(data))
    try:
        buffer.getData()[:] = data  # depthai 2: the memory of the message
        is_written = bytes(buffer.getData()) == data
    except (TypeError, ValueError):
        is_written = False
    if not is_written:
        buffer.setData(data)
    node.io["result"].send(buffer)


def values(answer: "NNData", name: str, n: int) -> list[float]:
    """Return the first `n` values of an output of a network."""
    if hasattr(answer, "getLayerFp16"):
        return list(answer.getLayerFp16(name)[:n])
    return list(unpack_from(f"<{n}e", bytes(answer.getData()), OFFSETS[name]))


def detector_config() -> object:
    """Return the configuration that letterboxes the frame for the detector."""
    config = ImageManipConfig()
    if hasattr(config, "setResizeThumbnail"):  # depthai 2
        config.setResizeThumbnail(DETECTOR_SIDE, DETECTOR_SIDE, 0, 0, 0)
    else:
        mode = ImageManipConfig.ResizeMode.LETTERBOX
        config.setOutputSize(DETECTOR_SIDE, DETECTOR_SIDE, mode)
    return config


def landmark_config(region: tuple[float, ...]) -> object:
    """Return the configuration that crops a region for the landmark network."""
    x, y, side, rotation = region
    width, height = FRAME_WH
    rect = RotatedRect()
    rect.center.x, rect.center.y = x / width, y / height
    # An ImageManip rounds the sides down: a little more keeps their integers through float32.
    rect.size.width, rect.size.height = (side + 0.01) / width, (side + 0.01) / height
    rect.angle = degrees(rotation)
    config = ImageManipConfig()
    if hasattr(config, "setCropRotatedRect"):  # depthai 2
        config.setCropRotatedRect(rect, True)
        config.setResize(LANDMARK_SIDE, LANDMARK_SIDE)
    else:
        config.addCropRotatedRect(rect, True)
        config.setOutputSize(LANDMARK_SIDE, LANDMARK_SIDE)
    return config


def usable(region: tuple[float, ...]) -> tuple[float, ...]:
    """Return a region of a size that can be cropped; () if it is not finite or off the frame."""
    x, y, side, rotation = region
    if not all(map(isfinite, region)) or side < MIN_SIDE:
        return ()
    side = float(round(min(side, MAX_SIDE)))
    reach = side / 2**0.5  # of its corners
    width, height = FRAME_WH
    if not (-reach < x < width + reach and -reach < y < height + reach):
        return ()
    return x, y, side, rotation


def region_from_points(x: float, y: float, rim_x: float, rim_y: float) -> tuple[float, ...]:
    """Return the square around a person, from the middle of the hips and a point on the circle.

    Source: MediaPipe, alignment_points_to_rects_calculator.cc.
    """
    side = 2 * EXPANSION * hypot(rim_x - x, rim_y - y)
    angle = pi / 2 - atan2(y - rim_y, rim_x - x)
    if not isfinite(angle):
        return ()
    return usable((x, y, side, angle - 2 * pi * floor((angle + pi) / (2 * pi))))


def image_points(
    landmarks: list[float], numbers: "Iterable[int]", region: tuple[float, ...]
) -> list[tuple[float, float]]:
    """Return the landmarks of these numbers, which are px of the crop, in px of the frame."""
    center_x, center_y, side, rotation = region
    sine, cosine = sin(rotation) * side, cos(rotation) * side
    points = []
    for i in numbers:
        u, v = landmarks[5 * i] / LANDMARK_SIDE - 0.5, landmarks[5 * i + 1] / LANDMARK_SIDE - 0.5
        points.append((center_x + u * cosine - v * sine, center_y + u * sine + v * cosine))
    return points


def is_inside(x: float, y: float) -> bool:
    """Return whether a point is in the frame."""
    return 0 <= x < FRAME_WH[0] and 0 <= y < FRAME_WH[1]


def detect() -> tuple[int, float, tuple[float, ...]]:
    """Return the number of the frame, the score of the best detection, and its region."""
    node.io["detector_config"].send(detector_config())
    answer = node.io["detection"].get()
    score, x, y, rim_x, rim_y = values(answer, "result", 5)
    width, height = FRAME_WH
    square = max(width, height)
    left, top = (square - width) / 2, (square - height) / 2
    region: tuple[float, ...] = ()
    if score >= DETECTION_CONFIDENCE:
        region = region_from_points(
            x * square - left, y * square - top, rim_x * square - left, rim_y * square - top
        )
    return answer.getSequenceNum(), score, region


def next_region(landmarks: list[float], region: tuple[float, ...]) -> tuple[float, ...]:
    """Return the region of the next frame, from the two auxiliary landmarks."""
    hips, rim = image_points(landmarks, (N_BODY, N_BODY + 1), region)
    return region_from_points(*hips, *rim)


class Reference:
    """The point whose depth stands for the person: middle of the hips, or of the shoulders.

    Its position is smoothed, since its zone has few pixels.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the position."""
        self.code, self.x, self.y = 0, 0.0, 0.0

    def update(self, landmarks: list[float], points: list[tuple[float, float]]) -> None:
        """Set `code`, `x` and `y`; the code is 0 if no reference is visible."""
        for code, pair in REFERENCES:
            # The visibility is a logit: 0 is a probability of 0.5.
            if all(landmarks[5 * i + 3] > 0 and is_inside(*points[i]) for i in pair):
                one, two = points[pair[0]], points[pair[1]]
                x, y = (one[0] + two[0]) / 2, (one[1] + two[1]) / 2
                alpha = REFERENCE_ALPHA if code == self.code else 1.0
                self.x += alpha * (x - self.x)
                self.y += alpha * (y - self.y)
                self.code = code
                return
        self.reset()


def zone_around(x: float, y: float, half: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of a zone in the whole image, clipped to it."""
    column, row = int(x) + CROP_LEFT, int(y)
    last_x, last_y = WHOLE_WH[0] - 1, WHOLE_WH[1] - 1
    left, right = max(column - half, 0), min(column + half, last_x)
    return left, max(row - half, 0), right, min(row + half, last_y)


def measured_depths(zones: list[tuple[int, int, int, int]]) -> list[float]:
    """Return the depth in each zone, m; NaN where it is not known."""
    if not zones:
        return []
    request = SpatialLocationCalculatorConfig()
    for left, top, right, bottom in zones:
        data = SpatialLocationCalculatorConfigData()
        data.depthThresholds.lowerThreshold, data.depthThresholds.upperThreshold = DEPTH_RANGE_MM
        data.roi = Rect(
            Point2f(int(left * DEPTH_SCALE), top), Point2f(int(right * DEPTH_SCALE), bottom)
        )
        request.addROI(data)
    node.io["zones"].send(request)
    locations = node.io["locations"].get().getSpatialLocations()
    if len(locations) != len(zones):
        trace(f"{len(locations)} locations for {len(zones)} zones")
        return [nan] * len(zones)
    depths_mm = [location.spatialCoordinates.z for location in locations]
    return [depth / 1000 if depth > 0 else nan for depth in depths_mm]


def depth_block(landmarks: list[float], region: tuple[float, ...], reference: Reference) -> bytes:
    """Return the zone of the reference, its depth, and those of the landmarks in the frame."""
    points = image_points(landmarks, range(N_BODY), region)
    reference.update(landmarks, points)
    half = max(int(region[2] / ZONES_A_SIDE), MIN_HALF_ZONE)
    inside = [i for i in range(N_BODY) if is_inside(*points[i])]
    zones = [zone_around(*points[i], half) for i in inside]
    if reference.code:
        zones.append(zone_around(reference.x, reference.y, half))
    depths = measured_depths(zones)
    of_landmarks = [nan] * N_BODY
    for i, depth in zip(inside, depths):  # noqa: B905 - Python 3.9 has no `strict`
        of_landmarks[i] = depth
    zone, depth = (0, 0, 0, 0), nan
    if reference.code:
        left, top, right, bottom = zones[-1]
        zone, depth = (left - CROP_LEFT, top, right - CROP_LEFT, bottom), depths[-1]
    return pack("<4i", *zone) + pack("<34f", depth, *of_landmarks)


def packet(
    number: int,
    flags: int,
    code: int,
    detection_score: float,
    score: float,
    region: tuple[float, ...],
) -> bytes:
    """Return the header of a packet."""
    scores = detection_score, score
    return pack(HEADER, b"VE", VERSION, flags, code, number, *scores, *(region or NO_REGION))


def error_packet(error: Exception) -> bytes:
    """Return a packet with the text of an error and the lines where it was raised."""
    places, place = [], error.__traceback__
    while place is not None:
        places.append(f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}")
        place = place.tb_next
    text = f"{type(error).__name__}: {error} ({' > '.join(places)})"
    return pack(FAILURE, b"VE", VERSION, FAILED) + text.encode()


def follow() -> None:
    """Send a packet for each frame that a network saw, forever."""
    reference = Reference()
    region: tuple[float, ...] = ()
    detection_score = nan
    while True:
        flags, first, pending = 0, 0, b""
        if not region:
            first, detection_score, region = detect()
            trace(f"frame {first}: detection score {detection_score}")
            reference.reset()
            flags = DETECTED
            pending = packet(first, flags, 0, detection_score, nan, region)
            if not region:
                send(pending)
                continue
        node.io["landmark_config"].send(landmark_config(region))
        answer = node.io["landmarks"].get()
        number, score = answer.getSequenceNum(), values(answer, "Identity_1", 1)[0]
        score = 0.0 if isnan(score) else score  # NaN stands for a network that did not run
        trace(f"frame {number}: landmark score {score}")
        if pending and number != first:  # else the landmark network saw the detector's frame
            send(pending)
        if not score > PRESENCE_CONFIDENCE:
            send(packet(number, flags, 0, detection_score, score, region))
            region = ()
            continue
        landmarks = values(answer, "Identity", N_VALUES)
        world = values(answer, "Identity_4", N_WORLD)
        flags |= WITH_LANDMARKS
        depths = b""
        if HAS_DEPTH:
            depths = depth_block(landmarks, region, reference)
            flags |= WITH_DEPTHS
        header = packet(number, flags, reference.code, detection_score, score, region)
        send(header + pack("<294f", *landmarks, *world) + depths)
        is_tracked = score > TRACKING_CONFIDENCE and not FORCE_DETECTION
        region = next_region(landmarks, region) if is_tracked else ()
        detection_score = nan


def run() -> None:
    """Follow people forever; report an error to the host."""
    trace("the script starts")
    try:
        follow()
    except Exception as error:
        send(error_packet(error))
        raise

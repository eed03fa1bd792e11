"""PoseEstimator: the people of single images, without memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.core.frame import Frame
from vitruvian.core.pose import Pose, PoseResult
from vitruvian.engine.options import Options
from vitruvian.engine.pipeline import Person, Pipeline
from vitruvian.engine.rotation import turned_back, turned_upright
from vitruvian.engine.turn import Turn
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.engine.timing import StageStats

__all__ = ["PoseEstimator"]


class PoseEstimator:
    """Finds the people in single images.

    Parameters
    ----------
    model : str or Path
        "lite", "full" or "heavy", or the path of a .tflite landmark network or a .task bundle.
    num_poses : int
        How many people to find at most, the most certain ones.
    segmentation : bool
        Whether each pose carries a mask.
    profile : str
        "default", or "solutions", "graph" or "tasks" for the numbers of a MediaPipe build.
    detection_confidence : float
        Least score of a detection, 0 to 1.
    presence_confidence : float
        Score the landmark network must exceed, 0 to 1.
    crop : str
        "letterbox": the detector sees the whole image; "center": the square in its middle, finer.
    backend : str
        "openvino" or "litert".
    device : str
        Where to compute: "CPU", and with OpenVINO also "GPU", "NPU", "AUTO".
    threads : int or None
        Processor threads; None for all cores.
    precision : str
        "exact": float32; "fast": mostly bf16 where the processor has it, with OpenVINO.
    models_dir : str or Path or None
        Folder with the model files; None for the environment's or the user's cache.

    Raises
    ------
    ValueError, TypeError
        If an option is out of range.
    ModelNotFoundError, ModelIntegrityError
        If a model file can't be had or is not what it should be.
    BackendUnavailableError
        If the runtime is not installed or the device is not there.

    Notes
    -----
    An estimator may be used from several threads; their images are taken one after the other.

    Examples
    --------
    ``PoseEstimator("full").detect("photo.jpg").pose["nose"].x``
    """

    def __init__(  # noqa: PLR0913 - the options are the interface
        self,
        model: str | Path = "full",
        *,
        num_poses: int = 1,
        segmentation: bool = False,
        profile: str = "default",
        detection_confidence: float = 0.5,
        presence_confidence: float = 0.5,
        crop: str = "letterbox",
        backend: str = "openvino",
        device: str = "CPU",
        threads: int | None = None,
        precision: str = "exact",
        models_dir: str | Path | None = None,
    ) -> None:
        options = Options(
            model=model,
            num_poses=num_poses,
            models_dir=models_dir,
            profile=profile,
            backend=backend,
            device=device,
            threads=threads,
            precision=precision,
            detection_confidence=detection_confidence,
            presence_confidence=presence_confidence,
            segmentation=segmentation,
            crop=crop,
        )
        self._options = options
        self._pipeline = Pipeline(options)
        self._turn = Turn()

    def detect(
        self, image: str | Path | NDArray[np.uint8] | Frame, *, rotation_deg: int = 0
    ) -> PoseResult:
        """Return the people in an image; a result without poses where nobody is seen.

        Parameters
        ----------
        image : path, (H, W, 3) uint8 RGB array, or Frame
        rotation_deg : int
            How far the picture must be turned clockwise for people to stand upright, a multiple
            of 90. The answer is in the coordinates of the picture as it was given.

        Raises
        ------
        SourceError
            If the file is not an image.
        TypeError, ValueError
            If the array is not (H, W, 3) uint8.
        """
        if isinstance(image, (str, Path)):
            image = load_image(image)
        frame = image if isinstance(image, Frame) else Frame(image)
        upright = turned_upright(frame, rotation_deg)
        with self._turn:
            people = self._find(upright.image)
        return result_of(upright, ((person, None) for person in people), rotation_deg)

    def _find(self, image: NDArray[np.uint8]) -> list[Person]:
        num_poses, double_oks = self._options.num_poses, self._options.rules.double_oks
        tells_doubles = num_poses > 1 and double_oks < 1
        looks = self._pipeline.detect(image, faint=tells_doubles)
        if not tells_doubles:
            looks = looks[:num_poses]
        located = self._pipeline.locate(image, self._pipeline.settle(image, looks))
        found = [p for p in located if p is not None and self._pipeline.is_credible(p)]
        people: list[Person] = []
        for person in found:
            if all(person.likeness(other) <= double_oks for other in people):
                people.append(person)
        return people[:num_poses]

    @property
    def stats(self) -> dict[str, StageStats]:
        """Times of each stage over its last 1000 runs."""
        return self._pipeline.timer.stats

    def close(self) -> None:
        """Free the networks, once the image in work is done.

        The last ones of a process stay in memory, for the next estimator of the like.
        """
        with self._turn:
            self._pipeline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def result_of(
    upright: Frame, people: Iterable[tuple[Person, int | None]], rotation_deg: int
) -> PoseResult:
    """Return people and ids of a frame that was turned upright, as the frame was given."""
    poses = tuple(_pose_of(person, identity) for person, identity in people)
    wh = upright.width, upright.height
    return turned_back(PoseResult(upright.index, upright.timestamp_us, *wh, poses), rotation_deg)


def _pose_of(person: Person, identity: int | None) -> Pose:
    raw, look = person.raw, person.look
    return Pose(
        landmarks=raw.landmarks,
        visibility=raw.visibility,
        presence=raw.presence,
        world=raw.world,
        roi=look.roi,
        score=raw.score,
        detection=look.detection,
        mask=raw.mask,
        id=identity,
    )

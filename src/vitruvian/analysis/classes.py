"""Classes of poses by their nearest samples, as in MediaPipe's guide to pose classification."""

from __future__ import annotations

import csv
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import frozen_floats
from vitruvian.core.pose import Pose
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from vitruvian.core.sequence import PersonSequence

    Floats = NDArray[np.float64]

__all__ = [
    "ClassCounter",
    "PoseClassifier",
    "PoseSamples",
    "class_confidences",
    "count_class",
    "pose_embedding",
]

# All constants: MediaPipe, docs/solutions/pose_classification.md and its Colab notebook.
TORSO = 2.5  # size of a pose / length of its torso, at least
SCALE = 100.0  # of normalised landmarks
AXIS_WEIGHTS = np.array([1.0, 1.0, 0.2])
N_BY_MAX, N_BY_MEAN = 30, 10
WINDOW, ALPHA = 10, 0.2  # of the exponential smoothing
ENTER, EXIT = 6.0, 4.0  # of the counter, in votes

_N_VALUES = 3 * len(BLAZEPOSE)


def _pair(name: str) -> list[int]:
    return [BLAZEPOSE.index(f"left_{name}"), BLAZEPOSE.index(f"right_{name}")]


_HIPS, _SHOULDERS = _pair("hip"), _pair("shoulder")
# Hip to wrist is there twice in the original, which doubles its weight.
_ALONG = (
    ("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"),
    ("shoulder", "wrist"), ("hip", "ankle"), ("hip", "wrist"), ("shoulder", "ankle"),
    ("hip", "wrist"),
)  # fmt: skip
_ACROSS = ("elbow", "knee", "wrist", "ankle")
_FROM = np.array([i for a, _ in _ALONG for i in _pair(a)] + [_pair(name)[0] for name in _ACROSS])
_TO = np.array([i for _, b in _ALONG for i in _pair(b)] + [_pair(name)[1] for name in _ACROSS])


def pose_embedding(landmarks: ArrayLike) -> Floats:
    """Return the distances between joints that describe a pose, independent of place and size.

    Parameters
    ----------
    landmarks : (..., 33, 3) array, image px

    Returns
    -------
    (..., 23, 3) array
        In percent of the size of the pose: 2.5 torsos, or the largest distance of a landmark from
        the middle of the hips if that is more.

    Notes
    -----
    Source: MediaPipe, ``docs/solutions/pose_classification.md``. The torso is not turned upright.
    """
    points = np.asarray(landmarks, np.float64)
    if points.shape[-2:] != (len(BLAZEPOSE), 3):
        raise ValueError(f"landmarks must have shape (..., 33, 3), got {points.shape}")
    points = points - points[..., _HIPS, :].mean(axis=-2, keepdims=True)
    torso = np.linalg.norm(points[..., _SHOULDERS, :2].mean(axis=-2), axis=-1)
    reach = np.linalg.norm(points[..., :2], axis=-1).max(axis=-1)
    size = np.maximum(TORSO * torso, reach)[..., None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        points = points * (SCALE / size)
    trunk = points[..., _SHOULDERS, :].mean(axis=-2) - points[..., _HIPS, :].mean(axis=-2)
    steps = points[..., _TO, :] - points[..., _FROM, :]
    return np.concatenate([trunk[..., None, :], steps], axis=-2)


@dataclass(frozen=True, slots=True, eq=False)
class PoseSamples:
    """Poses with known classes.

    Attributes
    ----------
    names : tuple of str
        Name of each sample, as that of its image.
    classes : tuple of str
        Class of each sample.
    landmarks : (S, 33, 3) float32 array, image px

    Raises
    ------
    ValueError
        If there are none, the lengths differ, or a landmark is NaN.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    landmarks: NDArray[np.float32]

    def __post_init__(self) -> None:
        array = frozen_floats(self.landmarks, (-1, len(BLAZEPOSE), 3), "landmarks")
        object.__setattr__(self, "landmarks", array)
        if not len(self.names) == len(self.classes) == len(array):
            got = f"{len(self.names)}, {len(self.classes)} and {len(array)}"
            raise ValueError(f"names, classes and landmarks must have equal lengths, got {got}")
        if not len(array):
            raise ValueError("there must be at least one sample, got none")
        if not np.isfinite(array).all():
            bad = self.names[int(np.argmax(~np.isfinite(array).all(axis=(1, 2))))]
            raise ValueError(f"landmarks of samples must be finite, got NaN in {bad!r}")

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def load(cls, path: str | Path) -> PoseSamples:
        """Return the samples of a file or folder.

        Parameters
        ----------
        path : str or Path
            A folder with a file ``CLASS.csv`` for each class, with the rows ``name,x1,y1,z1,...``;
            or one file with the class in the second column, as in ML Kit's samples. A row has 33
            landmarks, 99 numbers, in px.

        Raises
        ------
        ValueError
            If a row has another number of landmarks, or what should be a number is not.
        OSError
            If there is no such file.
        """
        path = Path(path)
        files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
        if not files:
            raise ValueError(f"a folder of samples must have a CLASS.csv for each class: {path}")
        rows = [row for file in files for row in _rows(file, has_class=not path.is_dir())]
        if not rows:
            raise ValueError(f"there are no samples in {str(path)!r}")
        names, classes, values = zip(*rows, strict=True)
        return cls(names, classes, np.array(values, np.float32).reshape(-1, len(BLAZEPOSE), 3))

    def save(self, path: str | Path) -> None:
        """Write the samples: to one file if `path` ends in .csv, else to a folder.

        Raises
        ------
        ValueError
            If a class can't be the name of a file in a folder, or the folder has other classes.
        """
        path = Path(path)
        values = self.landmarks.reshape(-1, _N_VALUES).astype(np.float64).round(5).tolist()
        if path.suffix.lower() == ".csv":
            columns = zip(self.names, self.classes, values, strict=True)
            _write(path, [[name, label, *row] for name, label, row in columns])
            return
        for label in set(self.classes):
            if Path(label).name != label:
                raise ValueError(f"a class must be a file name to be saved in a folder: {label!r}")
        others = sorted(old.name for old in path.glob("*.csv") if old.stem not in self.classes)
        if others:
            raise ValueError(f"{str(path)!r} has samples of other classes: remove {others}")
        path.mkdir(parents=True, exist_ok=True)
        for label in sorted(set(self.classes)):
            of_class = [i for i, other in enumerate(self.classes) if other == label]
            _write(path / f"{label}.csv", [[self.names[i], *values[i]] for i in of_class])


def _rows(path: Path, *, has_class: bool) -> Iterator[tuple[str, str, list[float]]]:
    """Yield name, class and numbers of each row of a file."""
    n_texts = 2 if has_class else 1
    with path.open(newline="", encoding="utf-8-sig") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            if not row:
                continue
            where = f"row {number} of {path.name!r}"
            n_values = len(row) - n_texts
            if n_values != _N_VALUES:
                columns = "name, class" if has_class else "name"
                raise ValueError(
                    f"{where} must have {columns} and {_N_VALUES} numbers (33 landmarks), "
                    f"got {n_values} numbers ({n_values / 3:g} landmarks)"
                )
            try:
                values = [float(text) for text in row[n_texts:]]
            except ValueError as error:
                raise ValueError(f"{where} must have numbers: {error}") from None
            yield row[0], row[1] if has_class else path.stem, values


def _write(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


class PoseClassifier:
    """Classifies poses by the votes of the nearest samples.

    Parameters
    ----------
    samples : PoseSamples or path
        A few hundred for each class give the best results.

    Attributes
    ----------
    samples : PoseSamples
    classes : tuple of str
        All classes, in alphabetical order.

    Notes
    -----
    Of the 30 samples whose largest distance is least, the 10 with the least mean distance vote.
    The mirrored pose is compared, too. Source: MediaPipe, as `pose_embedding`.
    """

    def __init__(self, samples: PoseSamples | str | Path) -> None:
        self.samples = samples if isinstance(samples, PoseSamples) else PoseSamples.load(samples)
        self.classes = tuple(sorted(set(self.samples.classes)))
        self._embeddings = pose_embedding(self.samples.landmarks) * AXIS_WEIGHTS

    def classify(self, pose: Pose | ArrayLike | None) -> dict[str, int]:
        """Return the votes of the nearest samples for each class that has any.

        Parameters
        ----------
        pose : Pose or (33, 3) array or None, image px
            None if no person is in view.

        Returns
        -------
        dict from str to int
            10 votes in total, fewer if there are fewer samples. Empty without a person or if a
            landmark is NaN.
        """
        if pose is None:
            return {}
        landmarks = pose.landmarks if isinstance(pose, Pose) else np.asarray(pose, np.float64)
        embedding = pose_embedding(landmarks) * AXIS_WEIGHTS
        if not np.isfinite(embedding).all():
            return {}
        both = np.stack([embedding, embedding * np.array([-1.0, 1.0, 1.0])])
        off = np.abs(self._embeddings - both[:, None])  # (2, S, 23, 3)
        near = np.argsort(off.max(axis=(2, 3)).min(axis=0), kind="stable")[:N_BY_MAX]
        mean = off[:, near].mean(axis=(2, 3)).min(axis=0)
        nearest = near[np.argsort(mean, kind="stable")[:N_BY_MEAN]]
        return dict(Counter(self.samples.classes[i] for i in nearest.tolist()))

    def outliers(self) -> list[int]:
        """Return the samples that are not, or not alone, classified as what they are.

        Such a sample is often an error of the landmarks, or in the wrong class.
        """
        found = []
        for i, label in enumerate(self.samples.classes):
            votes = self.classify(self.samples.landmarks[i])
            most = max(votes.values(), default=0)
            if [name for name, n in votes.items() if n == most] != [label]:
                found.append(i)
        return found


@dataclass(slots=True)
class ClassCounter:
    """Counts how often a person takes a pose of a class and leaves it, frame by frame.

    The votes are smoothed. A repetition counts when the pose, once it has more than 6 of 10
    votes, has less than 4 again. Nothing is counted while no person is in view.

    Parameters
    ----------
    classifier : PoseClassifier
    name : str
        The class to count, as "down".

    Attributes
    ----------
    count : int
        Repetitions so far.
    confidences : dict from str to float
        Smoothed votes of each class in this frame, 0 to 10.
    """

    classifier: PoseClassifier
    name: str
    count: int = field(default=0, init=False)
    confidences: dict[str, float] = field(default_factory=dict, init=False)
    _votes: deque[dict[str, int]] = field(init=False, repr=False)
    _is_entered: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.name not in self.classifier.classes:
            known = list(self.classifier.classes)
            raise ValueError(f"name must be a class of the samples, {known}, got {self.name!r}")
        self.reset()

    def reset(self) -> None:
        """Reset to the state of a new counter."""
        self.count, self.confidences, self._is_entered = 0, {}, False
        self._votes = deque(maxlen=WINDOW)

    def update(self, pose: Pose | ArrayLike | None) -> bool:
        """Return whether a repetition is complete with this frame.

        Parameters
        ----------
        pose : Pose or (33, 3) array or None, image px
            None if no person is in view.
        """
        self._votes.appendleft(self.classifier.classify(pose))
        weights = [(1 - ALPHA) ** k for k in range(len(self._votes))]
        total = sum(weights)
        self.confidences = {
            name: sum(w * v.get(name, 0) for w, v in zip(weights, self._votes, strict=True)) / total
            for name in self.classifier.classes
        }
        if not self._votes[0]:  # the guide takes a person who is out of view for frozen
            return False
        confidence = self.confidences[self.name]
        if not self._is_entered:
            self._is_entered = confidence > ENTER
            return False
        if confidence >= EXIT:
            return False
        self._is_entered = False
        self.count += 1
        return True


def class_confidences(person: PersonSequence, classifier: PoseClassifier) -> Floats:
    """Return the smoothed votes (T, n) for each of the `classifier.classes`, 0 to 10."""
    counter = ClassCounter(classifier, classifier.classes[0])
    rows = []
    for pose in person.landmarks:
        counter.update(pose)
        rows.append([counter.confidences[name] for name in classifier.classes])
    return np.array(rows, np.float64).reshape(len(person), len(classifier.classes))


def count_class(person: PersonSequence, classifier: PoseClassifier, name: str) -> list[int]:
    """Return the time of each repetition of a class, µs: when the pose is left.

    Raises
    ------
    ValueError
        If no sample has the class `name`.
    """
    counter = ClassCounter(classifier, name)
    times = person.timestamps_us.tolist()
    return [t for t, pose in zip(times, person.landmarks, strict=True) if counter.update(pose)]

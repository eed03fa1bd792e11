"""A pipeline in another thread or process: every argument and result is sent through a pipe."""

from __future__ import annotations

from multiprocessing import Pipe
from typing import TYPE_CHECKING, Any

from vitruvian import Model
from vitruvian.engine.timing import StageTimer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.engine.model_like import ModelLike
    from vitruvian.engine.pipeline import (
        Candidate,
        Pipeline,
        PipelineIdentity,
        PipelineOptions,
        PoseEstimate,
    )
    from vitruvian.engine.warp import Part

__all__ = ["RemoteModel", "serve", "serve_model"]


def serve(connection: Connection, model: ModelLike) -> None:
    """Open pipelines of `model` and run them, until the other end is closed."""
    pipelines: list[Pipeline] = []
    while True:
        try:
            index, name, args, options = connection.recv()
        except EOFError:
            return
        if name == "open":
            pipelines.append(model.open_pipeline(*args))
            connection.send((len(pipelines) - 1, pipelines[-1].identity))
        else:
            connection.send(getattr(pipelines[index], name)(*args, **options))


def serve_model(connection: Connection, name: str) -> None:
    """Main function of the server process."""
    with Model(name) as model:
        serve(connection, model)


class RemoteModel:
    """Client side of the pipe: `far_end` is for `serve`."""

    def __init__(self) -> None:
        self._connection, self.far_end = Pipe()

    def open_pipeline(self, options: PipelineOptions) -> Pipeline:
        index, identity = self.call(0, "open", options)
        return RemotePipeline(self, index, identity)

    def call(self, index: int, name: str, *args: Any, **options: Any) -> Any:
        self._connection.send((index, name, args, options))
        return self._connection.recv()

    def close(self) -> None:
        self._connection.close()


class RemotePipeline:
    """Implements the protocol `Pipeline`."""

    def __init__(self, model: RemoteModel, index: int, identity: PipelineIdentity) -> None:
        self.timer = StageTimer()
        self.identity = identity
        self._model, self._index = model, index

    def detect(
        self, image: NDArray[np.uint8], *, low_scores: bool = False, part: Part | None = None
    ) -> list[Candidate]:
        return self._timed("detect", image, low_scores=low_scores, part=part)

    def refine_rois(
        self, image: NDArray[np.uint8], candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        return self._timed("refine_rois", image, candidates)

    def estimate(
        self, image: NDArray[np.uint8], candidates: Sequence[Candidate]
    ) -> list[PoseEstimate | None]:
        return self._timed("estimate", image, candidates)

    def close(self) -> None:
        self._model.call(self._index, "close")

    def _timed(self, name: str, *args: Any, **options: Any) -> Any:
        start = self.timer.start()
        result = self._model.call(self._index, name, *args, **options)
        self.timer.lap(f"remote {name}", start)
        return result

"""ModelLike: what trackers and estimators can be made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from vitruvian.engine.pipeline import Pipeline, PipelineOptions

__all__ = ["ModelLike"]


@runtime_checkable
class ModelLike(Protocol):
    """A model that trackers and estimators can be made from: `Model`, or a remote one."""

    def open_pipeline(self, options: PipelineOptions) -> Pipeline:
        """Return a new pipeline for one tracker or estimator, which closes it."""
        ...

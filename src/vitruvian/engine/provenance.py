"""The provenance of the results of a tracker or estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.core.provenance import Provenance
from vitruvian.engine.option_fields import json_value, values_of

if TYPE_CHECKING:
    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.engine.pipeline import Pipeline

__all__ = ["provenance_of"]

_ELSEWHERE = {"model", "profile", "models_dir"}  # fields of their own, and a folder of this machine


def provenance_of(pipeline: Pipeline, options: EstimatorOptions) -> Provenance:
    """Return the provenance of results of `pipeline` with `options`, without a source."""
    values = values_of(options).items()
    plain = {name: json_value(value) for name, value in values if name not in _ELSEWHERE}
    identity = pipeline.identity
    return Provenance(
        model=identity.model,
        model_sha256=identity.model_sha256,
        detector_sha256=identity.detector_sha256,
        profile=options.profile,
        options={**plain, **identity.target},
    )

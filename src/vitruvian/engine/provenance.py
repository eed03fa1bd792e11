"""The provenance of the results of a tracker or estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.core.provenance import Provenance
from vitruvian.engine.option_fields import json_value, values_of
from vitruvian.media.provenance import with_source

if TYPE_CHECKING:
    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.engine.pipeline import Pipeline
    from vitruvian.media.source import Source

__all__ = ["provenance_of"]

_ELSEWHERE = {"model", "profile", "models_dir"}  # fields of their own, and a folder of this machine


def provenance_of(
    pipeline: Pipeline, options: EstimatorOptions, source: Source | None
) -> Provenance:
    """Return the provenance of results of `pipeline` with `options` from `source`."""
    values = values_of(options).items()
    plain = {name: json_value(value) for name, value in values if name not in _ELSEWHERE}
    identity = pipeline.identity
    provenance = Provenance(
        model=identity.model,
        model_sha256=identity.model_sha256,
        detector_sha256=identity.detector_sha256,
        profile=options.profile,
        options={**plain, **identity.target},
    )
    return with_source(provenance, source)

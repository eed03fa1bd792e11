from __future__ import annotations

import re

import pytest

from vitruvian.models.catalog import CATALOG, DETECTOR, LANDMARK_MODELS, Weights
from vitruvian.models.fetch import SOURCES
from vitruvian.models.store import find_file

ALL = pytest.mark.parametrize("weights", CATALOG.values(), ids=list(CATALOG))


def test_catalogue_holds_the_detector_and_three_landmark_networks() -> None:
    assert list(CATALOG) == [DETECTOR, *LANDMARK_MODELS]


@ALL
def test_every_digest_is_a_sha256_in_hexadecimal(weights: Weights) -> None:
    assert weights.sha256
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in weights.sha256)


@ALL
def test_every_location_belongs_to_a_source(weights: Weights) -> None:
    assert set(weights.places) <= {source.name for source in SOURCES}


@ALL
def test_two_sources_or_more_hold_every_file(weights: Weights) -> None:
    assert len(weights.places) >= 2


def test_no_two_files_share_a_name_or_a_digest() -> None:
    digests = [digest for weights in CATALOG.values() for digest in weights.sha256]
    assert len(digests) == len(set(digests))
    assert len({weights.file for weights in CATALOG.values()}) == len(CATALOG)


@pytest.mark.weights
@ALL
def test_published_file_has_the_size_of_the_table(weights: Weights) -> None:
    file = find_file(weights.name)
    if file.sha256 == weights.sha256[0]:
        assert file.path.stat().st_size == weights.size
    else:
        assert 0 < file.path.stat().st_size - weights.size < 10_000

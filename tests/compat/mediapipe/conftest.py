"""What all tests of the MediaPipe tree share."""

from __future__ import annotations

import pytest

from vitruvian.compat import generation


@pytest.fixture(autouse=True)
def usage(monkeypatch: pytest.MonkeyPatch) -> generation.Usage:
    """Return the record of a program that has used no name yet."""
    monkeypatch.delenv(generation.VARIABLE, raising=False)
    monkeypatch.setattr(generation, "usage", generation.Usage())
    return generation.usage

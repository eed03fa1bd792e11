from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vitruvian.backends.blob_cache import read_blob, write_blob

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = np.random.default_rng(0).bytes(100_000)


def test_the_content_is_read_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "new folder" / "a.blob"
    for content in (CONTENT, b"", b"other"):
        write_blob(path, content)
        assert read_blob(path) == content
    assert list(path.parent.iterdir()) == [path]
    assert caplog.messages == []


def test_a_missing_blob_is_no_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read_blob(tmp_path / "a.blob") is None
    assert caplog.messages == []


def flipped(whole: bytes, n_bits: int, start: int = 0) -> bytes:
    bits = np.unpackbits(np.frombuffer(whole, np.uint8))
    at = np.random.default_rng(1).choice(len(bits) - start, n_bits, replace=False) + start
    bits[at] ^= 1
    return np.packbits(bits).tobytes()


@pytest.mark.parametrize("damage", ["one bit", "2000 bits", "cut", "longer", "empty", "old format"])
def test_a_damaged_blob_is_ignored_with_one_warning_that_names_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    path = tmp_path / "a.blob"
    write_blob(path, CONTENT)
    whole = path.read_bytes()
    path.write_bytes(
        {
            "one bit": flipped(whole, 1),
            "2000 bits": flipped(whole, 2000, start=1000),
            "cut": whole[:-1],
            "longer": whole + b"\0",
            "empty": b"",
            "old format": CONTENT,
        }[damage]
    )
    assert read_blob(path) is None
    assert caplog.record_tuples == [
        (
            "vitruvian.backends.blob_cache",
            logging.WARNING,
            f"the compiled network {path} is damaged, compiling again",
        )
    ]


def test_an_unreadable_blob_is_ignored(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read_blob(tmp_path) is None
    assert "can't be read" in caplog.text


def test_a_failed_write_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="file"):
        write_blob(tmp_path / "file" / "a.blob", CONTENT)
    (tmp_path / "a.blob").mkdir()
    with pytest.raises(OSError, match=r"a\.blob"):
        write_blob(tmp_path / "a.blob", CONTENT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.blob", "file"]

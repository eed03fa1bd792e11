"""HOTA, and for comparison IDF1, MOTA and switches, by TrackEval.

Runs in a side environment, because TrackEval depends on the desktop build of OpenCV, which would
overwrite the headless one; `vitruvian.evaluation` must be importable there (PYTHONPATH). Reads the
`FrameComparison`s of each clip from the standard input, as JSON::

    {"crossing": [{"truth_ids": [0, 1], "predicted_ids": [7], "oks": [[0.9], [0.1]]}, ...], ...}

and writes the scores of each clip and, as ``""``, over all of them.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
from trackeval.metrics import CLEAR, HOTA, Identity

from vitruvian.evaluation.identity import FrameComparison, trackeval_sequence


def comparison(frame: dict[str, Any]) -> FrameComparison:
    """Return one frame of the input."""
    truth_ids, predicted_ids = (
        np.array(frame[name], np.intp) for name in ("truth_ids", "predicted_ids")
    )
    similarity = np.reshape(frame["oks"], (len(truth_ids), len(predicted_ids)))
    return FrameComparison(truth_ids, predicted_ids, similarity)


def scores(results: tuple[dict[str, Any], ...]) -> dict[str, float]:
    """Return the four figures from the results of HOTA, CLEAR and Identity."""
    hota, clear, identity = results
    return {
        "hota": float(np.mean(hota["HOTA"])),
        "mota": float(clear["MOTA"]),
        "idf1": float(identity["IDF1"]),
        "id_switches": int(clear["IDSW"]),
    }


def main() -> None:
    """Score the clips on the standard input."""
    clips = {
        name: trackeval_sequence([comparison(frame) for frame in frames])
        for name, frames in json.load(sys.stdin).items()
    }
    quiet = {"PRINT_CONFIG": False}
    metrics = HOTA(), CLEAR(dict(quiet)), Identity(dict(quiet))
    results = [{name: m.eval_sequence(clip) for name, clip in clips.items()} for m in metrics]
    answer = {name: scores(tuple(r[name] for r in results)) for name in clips}
    overall = (m.combine_sequences(r) for m, r in zip(metrics, results, strict=True))
    print(json.dumps(answer | {"": scores(tuple(overall))}))


if __name__ == "__main__":
    main()

"""HOTA, and for comparison IDF1, MOTA and switches, by TrackEval.

Runs in a side environment: TrackEval brings the desktop build of OpenCV, which would overwrite
the headless one. Reads from the standard input, as JSON, the moments of each clip::

    {"crossing": [{"truth": [0, 1], "predicted": [7], "oks": [[0.9], [0.1]]}, ...], ...}

and answers with the scores of each clip and, as ``""``, over all of them.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
from trackeval.metrics import CLEAR, HOTA, Identity


def sequence(frames: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a clip as TrackEval's metrics take it: ids count from 0."""
    truth, predicted = (
        [np.array(frame[key], np.intp) for frame in frames] for key in ("truth", "predicted")
    )
    gt_known, known = (np.unique(np.concatenate(ids)) for ids in (truth, predicted))
    return {
        "num_timesteps": len(frames),
        "gt_ids": [np.searchsorted(gt_known, ids) for ids in truth],
        "tracker_ids": [np.searchsorted(known, ids) for ids in predicted],
        "num_gt_ids": len(gt_known),
        "num_tracker_ids": len(known),
        "num_gt_dets": sum(map(len, truth)),
        "num_tracker_dets": sum(map(len, predicted)),
        "similarity_scores": [
            np.reshape(frame["oks"], (len(frame["truth"]), len(frame["predicted"])))
            for frame in frames
        ],
    }


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
    clips = {name: sequence(frames) for name, frames in json.load(sys.stdin).items()}
    quiet = {"PRINT_CONFIG": False}
    metrics = HOTA(), CLEAR(dict(quiet)), Identity(dict(quiet))
    results = [{name: m.eval_sequence(clip) for name, clip in clips.items()} for m in metrics]
    answer = {name: scores(tuple(r[name] for r in results)) for name in clips}
    overall = (m.combine_sequences(r) for m, r in zip(metrics, results, strict=True))
    print(json.dumps(answer | {"": scores(tuple(overall))}))


if __name__ == "__main__":
    main()

"""What is checked before a device is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oak.crafted import crafted_network
from vitruvian.engine.options import TrackerOptions
from vitruvian.errors import DeviceError, ModelIntegrityError
from vitruvian.oak.limits import MAX_SCRIPT_BYTES, check_limits
from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import edge_graph, host_graph
from vitruvian.oak.script import edge_script

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.oak.graph import Graph


def edge(options: OakOptions) -> Graph:
    return edge_graph(options, "full", edge_script(options, TrackerOptions()))


def test_the_script_is_not_too_large_for_a_device() -> None:
    options = OakOptions(mode="edge", xyz=True)
    check_limits(edge(options), options)
    graph = edge_graph(options, "full", "#" * (MAX_SCRIPT_BYTES + 1))
    with pytest.raises(DeviceError, match="must have at most 65536 bytes, got 65537: use mode"):
        check_limits(graph, options)


@pytest.mark.parametrize("name", ["landmark", "candidate", "detector"])
def test_edge_mode_takes_networks_with_the_outputs_of_ours(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.blob"
    network = {"landmark": "full", "candidate": "best_candidate"}.get(name, name)
    path.write_bytes(crafted_network(network))
    options = OakOptions(mode="edge", **{f"{name}_blob": path})
    check_limits(edge(options), options)


def test_edge_mode_refuses_outputs_where_the_script_reads_others(tmp_path: Path) -> None:
    path = tmp_path / "mine.blob"
    path.write_bytes(crafted_network("full_masks"))
    host, options = (OakOptions(mode=mode, landmark_blob=path) for mode in ("host", "edge"))
    check_limits(host_graph(host, "full", masks=False, with_camera=True), host)
    with pytest.raises(ModelIntegrityError, match="use mode 'host', or compile it") as err:
        check_limits(edge(options), options)
    assert "--model full --shaves 4" in str(err.value)

"""Compiled networks without a compiler: headers, checks, the cache, archives, the environment."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.oak.crafted import crafted_blob, crafted_network
from vitruvian.cli.main import app
from vitruvian.errors import BackendUnavailableError, ModelIntegrityError, ModelNotFoundError
from vitruvian.oak.blobs import openvino_2021
from vitruvian.oak.blobs.archive import archive_bytes
from vitruvian.oak.blobs.blob import blob_info, check_blob
from vitruvian.oak.blobs.cache import blob_file, blob_key, cached_blob, store_blob
from vitruvian.oak.blobs.comparison import ONNX_TOLERANCE, check_outputs, onnx_outputs, samples_for
from vitruvian.oak.blobs.compiler import Compiler
from vitruvian.oak.blobs.compiling import CompiledBlob, blob_from_onnx, compiled_blob, networks_of
from vitruvian.oak.blobs.environment import PYTHON_VARIABLE, find_compiler
from vitruvian.oak.networks import NETWORKS, onnx_file

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a file and returns its path."""

    def write(content: bytes) -> Path:
        path = tmp_path / "some.blob"
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache without networks, and no environment for compiling."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)
    return tmp_path / "cache"


# --- the header of a compiled network ---


def test_the_header_gives_cores_stages_inputs_and_outputs(
    written: Callable[[bytes], Path],
) -> None:
    path = written(crafted_network("lite", shaves=6))
    info = blob_info(path)
    assert (info.shaves, info.stages, info.size) == (6, 2, path.stat().st_size)
    assert [(t.shape, t.dtype) for t in info.inputs] == [((1, 3, 256, 256), "uint8")]
    assert [(t.name, t.shape, t.offset) for t in info.outputs] == [
        ("Identity", (1, 195), 0),
        ("Identity_1", (1, 1), 448),
        ("Identity_4", (1, 117), 512),
    ]


@pytest.mark.oak
@pytest.mark.parametrize("name", NETWORKS)
def test_depthai_reads_the_same_header(written: Callable[[bytes], Path], name: str) -> None:
    dai: Any = depthai()
    path = written(crafted_network(name, shaves=5))
    assert_same_header(dai.OpenVINO.Blob(str(path)), path)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_wanted_network_is_accepted(written: Callable[[bytes], Path], name: str) -> None:
    assert check_blob(written(crafted_network(name, shaves=6)), name, 6).stages == 2


def test_a_network_with_more_outputs_is_accepted(written: Callable[[bytes], Path]) -> None:
    path = written(crafted_network("full_masks"))
    assert len(check_blob(path, "full", 4).outputs) == 5


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (crafted_network("lite", shaves=6), "lite", "for 4 shaves, got 6: set shaves to 6, or"),
        (crafted_network("lite", version=5), "lite", "another version of OpenVINO (format 5"),
        (crafted_network("detector"), "lite", "is not the network 'lite': it must have input_1"),
        (crafted_network("lite"), "best_candidate", "is not the network 'best_candidate'"),
        (crafted_network("lite"), "lite_masks", "is not the network 'lite_masks'"),
        (crafted_network("lite")[:-1], "lite", "is damaged: it must have"),
        (crafted_network("lite")[:99], "lite", "is damaged"),
        (b"\x7felf", "lite", "is damaged"),
        (b"TFL3 and so on", "lite", "is not a compiled network"),
        (b"", "lite", "is not a compiled network"),
        (crafted_blob([("a", (1, 3, 256, 256), "float16")], []), "lite", "3x256x256 float16"),
    ],
)
def test_another_file_is_an_error_of_one_line(
    written: Callable[[bytes], Path], content: bytes, name: str, says: str
) -> None:
    with pytest.raises(ModelIntegrityError) as caught:
        check_blob(written(content), name, 4)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_cut_of_a_file_is_a_damaged_network(written: Callable[[bytes], Path]) -> None:
    content = crafted_network("best_candidate")
    for n_bytes in range(0, len(content), 7):
        with pytest.raises(ModelIntegrityError):
            blob_info(written(content[:n_bytes]))


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"no compiled network at .*absent\.blob"):
        check_blob(tmp_path / "absent.blob", "lite", 4)


@pytest.mark.parametrize("shaves", [0, 17, -1])
def test_cores_are_1_to_16(written: Callable[[bytes], Path], shaves: int) -> None:
    path = written(crafted_network("lite"))
    with pytest.raises(ValueError, match=f"shaves must be from 1 to 16, got {shaves}"):
        check_blob(path, "lite", shaves)


@pytest.mark.parametrize("name", ["best_candidate", "divide_by_255"])
def test_small_networks_are_for_one_core(name: str) -> None:
    assert NETWORKS[name].shaves_for(4) == 1


# --- which networks a model needs ---


def test_a_landmark_network_brings_the_detector() -> None:
    assert networks_of(["full"]) == ["detector", "best_candidate", "full"]
    assert networks_of(["lite_masks"]) == ["detector", "best_candidate", "lite_masks"]
    assert networks_of(["detector", "lite", "lite"]) == ["detector", "best_candidate", "lite"]
    assert networks_of(["divide_by_255"]) == ["divide_by_255"]


def test_all_are_the_networks_without_masks() -> None:
    assert set(networks_of(["all"])) == {name for name in NETWORKS if "masks" not in name}


def test_an_unknown_model_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"model must be one of .*'all'.*, got 'huge'"):
        networks_of(["huge"])


# --- the cache ---


def test_a_stored_network_is_found_by_content(empty_cache: Path, tmp_path: Path) -> None:
    onnx = tmp_path / "some.onnx"
    onnx.write_bytes(b"one")
    key = blob_key("lite", 4, onnx)
    assert cached_blob(key) is None
    path = store_blob(key, b"compiled")
    assert cached_blob(key) == path
    assert path.is_relative_to(empty_cache)
    assert path.read_bytes() == b"compiled"
    assert cached_blob(blob_key("lite", 5, onnx)) is None
    assert cached_blob(blob_key("full", 4, onnx)) is None
    onnx.write_bytes(b"two")
    assert cached_blob(blob_key("lite", 4, onnx)) is None


@pytest.mark.usefixtures("empty_cache")
def test_a_damaged_network_of_the_cache_is_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    onnx = tmp_path / "some.onnx"
    onnx.write_bytes(b"one")
    key = blob_key("lite", 4, onnx)
    store_blob(key, b"compiled").write_bytes(b"compilex")
    assert cached_blob(key) is None
    assert "is damaged" in caplog.text
    path = store_blob(key, b"compiled again")
    assert cached_blob(key) == path
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.usefixtures("empty_cache")
def test_a_network_that_is_not_compiled_names_the_command() -> None:
    with pytest.raises(ModelNotFoundError, match="not compiled for 1 shave:") as caught:
        blob_file("best_candidate", shaves=6)
    command = re.search(r"vitruvian (.*)", str(caught.value))
    assert command is not None
    assert command[1] == "oak compile --model best_candidate --shaves 6"
    with pytest.raises(ValueError, match="network must be one of"):
        blob_file("huge")


@pytest.mark.usefixtures("empty_cache")
def test_a_cached_network_needs_no_compiler() -> None:
    key = blob_key("best_candidate", 1, onnx_file("best_candidate"))
    path = store_blob(key, crafted_network("best_candidate"))

    def no_compiler() -> Compiler:
        raise AssertionError

    compiled = compiled_blob("best_candidate", shaves=4, compiler=no_compiler)
    assert compiled.path == blob_file("best_candidate", shaves=4) == path


# --- NNArchive ---


def crafted_archive(name: str, folder: Path) -> Path:
    blob = folder / "x.blob"
    blob.write_bytes(crafted_network(name, shaves=3))
    path = folder / f"{name}.tar.xz"
    path.write_bytes(archive_bytes(CompiledBlob(name, blob, blob_info(blob))))
    return path


def test_an_archive_is_the_network_and_its_description(tmp_path: Path) -> None:
    path = crafted_archive("full", tmp_path)
    with tarfile.open(path) as archive:
        assert archive.getnames() == ["config.json", "full.blob"]
        config = json.load(archive.extractfile("config.json"))  # type: ignore[arg-type]
        blob = archive.extractfile("full.blob")
        assert blob is not None
        assert blob.read() == (tmp_path / "x.blob").read_bytes()
    assert config["model"]["metadata"]["path"] == "full.blob"
    assert config["model"]["inputs"][0]["shape"] == [1, 3, 256, 256]
    assert path.read_bytes() == crafted_archive("full", tmp_path).read_bytes()


@pytest.mark.oak
@pytest.mark.parametrize("name", NETWORKS)
def test_depthai_3_reads_the_archive(tmp_path: Path, name: str) -> None:
    dai: Any = depthai()
    if not hasattr(dai, "NNArchive"):
        pytest.skip("depthai 2 has no NNArchive")
    archive = dai.NNArchive(str(crafted_archive(name, tmp_path)))
    model = archive.getConfigV1().model
    network = NETWORKS[name]
    assert archive.getSupportedPlatforms() == [dai.Platform.RVC2]
    assert archive.getBlob().numShaves == network.shaves_for(3)
    assert model.metadata.name == name
    assert {(i.name, tuple(i.shape)) for i in model.inputs} == {
        (n, (1, *shape)) for n, shape in network.inputs
    }
    assert {(o.name, tuple(o.shape)) for o in model.outputs} == {
        (n, (1, *shape)) for n, shape in network.outputs
    }
    if network.is_bytes:
        assert archive.getInputSize() == network.input_shape[:0:-1]
        assert model.inputs[0].preprocessing.daiType == "BGR888p"


# --- the comparison before compiling ---


def test_a_wrong_missing_or_undefined_output_is_refused() -> None:
    right = {"a": np.zeros((2, 3), np.float32)}
    assert check_outputs("it", {"a": np.full((2, 3, 1), 0.001, np.float32)}, right, 0.002) > 0
    with pytest.raises(
        ModelIntegrityError, match=r"it differs from the published network by 0\.003"
    ):
        check_outputs("it", {"a": np.full((2, 3), 0.003, np.float32)}, right, 0.002)
    with pytest.raises(ModelIntegrityError, match="by inf in 'a'"):
        check_outputs("it", {"a": np.full((2, 3), np.nan, np.float32)}, right, 0.002)
    with pytest.raises(ModelIntegrityError, match="must have the output 'a' of 3 values"):
        check_outputs("it", {"b": right["a"]}, right, 0.002)
    with pytest.raises(ModelIntegrityError, match="must have the output 'a' of 3 values"):
        check_outputs("it", {"a": right["a"][:, :2]}, right, 0.002)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["detector", "best_candidate", "divide_by_255", "lite_masks"])
def test_our_onnx_files_pass_the_comparison(name: str) -> None:
    samples = samples_for(name)
    found = onnx_outputs(onnx_file(name), samples.inputs)
    assert len(next(iter(samples.inputs.values()))) >= 4
    assert check_outputs(name, found, samples.outputs, ONNX_TOLERANCE) <= ONNX_TOLERANCE


@pytest.mark.weights
def test_a_changed_onnx_file_is_refused_before_the_compiler_runs(tmp_path: Path) -> None:
    onnx: Any = pytest.importorskip("onnx")
    model = onnx.load(onnx_file("divide_by_255"))
    scale = np.array([1 / 254], np.float32).reshape(model.graph.initializer[0].dims)
    model.graph.initializer[0].CopyFrom(
        onnx.numpy_helper.from_array(scale, model.graph.initializer[0].name)
    )
    changed = tmp_path / "changed.onnx"
    onnx.save(model, changed)
    with pytest.raises(ModelIntegrityError, match="the ONNX file of 'divide_by_255' differs"):
        blob_from_onnx(
            changed, "divide_by_255", shaves=1, compiler=Compiler(Path("none")), report=print
        )


@pytest.mark.weights
@pytest.mark.parametrize(
    ("name", "allowed"),
    [("divide_by_255", 1e-4), ("best_candidate", 5e-4), ("detector", 0.01), ("lite", 0.002)],
)
def test_each_network_has_its_limit_for_float16(name: str, allowed: float) -> None:
    wanted = samples_for(name).outputs

    class Inexact(Compiler):
        def intermediate(self, onnx: Path, folder: Path) -> Path:
            return folder

        def outputs(self, model: Path, inputs: Any) -> dict[str, Any]:
            return {k: (v.astype(float) + error) for k, v in wanted.items()}

        def blob(self, model: Path, *, is_bytes: bool, shaves: int) -> bytes:
            return b"compiled"

    def compiled() -> bytes:
        compiler = Inexact(Path("none"))
        return blob_from_onnx(onnx_file(name), name, shaves=1, compiler=compiler, report=print)

    error = 0.9 * allowed
    assert compiled() == b"compiled"
    error = 1.1 * allowed
    with pytest.raises(ModelIntegrityError, match=f"the float16 form of '{name}' differs"):
        compiled()


def test_a_file_that_is_not_onnx_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.onnx"
    path.write_text("not a network")
    with pytest.raises(ModelIntegrityError, match=r"OpenVINO can't run text\.onnx"):
        onnx_outputs(path, {"image": np.zeros((1, 3, 8, 8), np.float32)})


# --- the other Python ---


def test_the_program_of_the_other_python_is_python_3_8_and_imports_nothing_of_ours() -> None:
    source = Path(openvino_2021.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 8))
    modules = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    outside = {str(name).partition(".")[0] for name in modules} - set(sys.stdlib_module_names)
    assert outside == {"numpy"}  # of that environment


@pytest.mark.usefixtures("empty_cache")
def test_without_an_old_python_the_error_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PATH", "HOME", "PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(BackendUnavailableError, match=r"needs Python 3\.8 or 3\.9") as caught:
        find_compiler()
    assert "pyenv install 3.9" in str(caught.value)
    assert "--python" in str(caught.value)


@pytest.mark.usefixtures("empty_cache")
def test_another_python_is_refused() -> None:
    this = f"{sys.version_info.major}.{sys.version_info.minor}"
    with pytest.raises(BackendUnavailableError, match=f"3.8 or 3.9, .* is Python {this}"):
        find_compiler(sys.executable)
    with pytest.raises(BackendUnavailableError, match="'/nowhere/python' is no Python"):
        find_compiler("/nowhere/python")


def test_a_named_environment_without_the_packages_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PYTHON_VARIABLE, sys.executable)
    with pytest.raises(BackendUnavailableError, match=PYTHON_VARIABLE) as caught:
        find_compiler()
    assert "openvino==2021.4.2" in str(caught.value)
    monkeypatch.setenv(PYTHON_VARIABLE, "/nowhere/python")
    with pytest.raises(BackendUnavailableError, match="'/nowhere/python' can't be"):
        find_compiler()


# --- the command ---


@pytest.mark.parametrize("words", [["--shaves", "0"], ["--shaves", "17"], ["--model", "huge"]])
def test_wrong_options_are_wrong_usage(words: list[str]) -> None:
    result = CliRunner().invoke(app, ["oak", "compile", *words])
    assert result.exit_code == 2


@pytest.mark.usefixtures("empty_cache")
def test_the_command_writes_copies_and_archives(tmp_path: Path) -> None:
    key = blob_key("divide_by_255", 1, onnx_file("divide_by_255"))
    store_blob(key, crafted_network("divide_by_255"))
    words = ["oak", "compile", "-m", "divide_by_255", "-o", str(tmp_path / "out"), "--archive"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    names = sorted(os.listdir(tmp_path / "out"))
    assert names == ["divide_by_255_sh1.blob", "divide_by_255_sh1.tar.xz"]
    assert "divide_by_255: " in result.output
    assert "2 stages, 1 shave: " in result.output


@pytest.mark.usefixtures("empty_cache")
def test_quiet_prints_no_steps_and_no_line_for_a_network() -> None:
    key = blob_key("divide_by_255", 1, onnx_file("divide_by_255"))
    store_blob(key, crafted_network("divide_by_255"))
    result = CliRunner().invoke(app, ["oak", "compile", "-m", "divide_by_255", "--quiet"])
    assert (result.exit_code, result.output) == (0, "")


def test_the_help_tells_what_the_options_do_here() -> None:
    told = " ".join(CliRunner().invoke(app, ["oak", "compile", "--help"]).output.split())
    assert "Processor cores that each network will use" in told
    assert "Print no steps, and no line for each network." in told
    assert "progress bar" not in told


@pytest.mark.usefixtures("empty_cache")
def test_a_folder_that_cannot_be_written_is_exit_code_1(tmp_path: Path) -> None:
    key = blob_key("divide_by_255", 1, onnx_file("divide_by_255"))
    store_blob(key, crafted_network("divide_by_255"))
    (tmp_path / "file").write_text("")
    words = ["oak", "compile", "-m", "divide_by_255", "-o", str(tmp_path / "file" / "out")]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert "can't write to" in result.output


def depthai() -> Any:
    os.environ["DEPTHAI_TELEMETRY"] = "0"
    return pytest.importorskip("depthai")


def assert_same_header(blob: Any, path: Path) -> None:
    """Compare what depthai and we read from a file."""
    info = blob_info(path)
    assert (blob.numShaves, blob.stageCount) == (info.shaves, info.stages)
    types = {"UINT8": "uint8", "U8F": "uint8", "FP16": "float16"}
    for theirs, ours in ((blob.networkInputs, info.inputs), (blob.networkOutputs, info.outputs)):
        assert set(theirs) == {tensor.name for tensor in ours}
        for tensor in ours:
            other = theirs[tensor.name]
            assert tuple(other.dims[::-1]) == tensor.shape
            assert types[other.dataType.name] == tensor.dtype
            assert other.offset == tensor.offset

"""Networks compiled for the device by OpenVINO 2021.4.2, in a Python 3.8 or 3.9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

from tests.oak.test_compile import assert_same_header, depthai
from vitruvian.errors import BackendUnavailableError, InferenceError, ModelIntegrityError
from vitruvian.models.store import FOLDER_VARIABLE, local_path
from vitruvian.oak.blobs import environment as compiler_environment
from vitruvian.oak.blobs.blob import blob_info, check_blob
from vitruvian.oak.blobs.cache import blob_file
from vitruvian.oak.blobs.compiler import Compiler
from vitruvian.oak.blobs.compiling import blob_from_onnx, compiled_blob
from vitruvian.oak.blobs.environment import PYTHON_VARIABLE, find_compiler
from vitruvian.oak.networks import NETWORKS, onnx_file

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD_PYTHONS = ("python3.9", "python3.8")
# Bytes for 4 cores, within 2 %: a lost weight would show. Heavy and the networks with masks are not
# here: each takes minutes, and their ONNX files are compared with the published ones elsewhere.
SIZES = {
    "divide_by_255": 640,
    "best_candidate": 19_904,
    "detector": 13_296_000,
    "lite": 7_093_000,
    "full": 13_568_000,
}
QUICK = ("divide_by_255", "best_candidate")


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    """OpenVINO 2021.4.2, where it is installed."""
    if os.environ.get(PYTHON_VARIABLE):
        return find_compiler()
    for name in OLD_PYTHONS:
        compiler = Compiler(Path(name))
        try:
            compiler.version()
        except (BackendUnavailableError, InferenceError):
            continue
        return compiler
    pytest.skip(f"no Python 3.8 or 3.9 with openvino 2021.4.2: {PYTHON_VARIABLE} names one")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the model files, with a cache that has no compiled networks."""
    path = local_path("lite")
    if path is None:
        pytest.skip("the models are not here: `vitruvian models fetch` gets them")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv(FOLDER_VARIABLE, str(path.parent))
        yield path.parent


@pytest.mark.weights
@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in SIZES]
)
def test_a_network_compiles_to_what_was_wanted(compiler: Compiler, models: Path, name: str) -> None:
    steps: list[str] = []
    compiled = compiled_blob(
        name, shaves=4, compiler=lambda: compiler, models_dir=models, report=steps.append
    )
    assert steps[-1].startswith("compiling for ")
    assert compiled.info.size == pytest.approx(SIZES[name], rel=0.02)
    assert [t.name for t in compiled.info.outputs] == [n for n, _ in NETWORKS[name].outputs]
    assert check_blob(compiled.path, name, 4) == compiled.info

    begin = monotonic()
    again = compiled_blob(name, shaves=4, compiler=no_compiler, models_dir=models)
    assert monotonic() - begin < 5
    assert again == compiled
    assert blob_file(name, shaves=4, models_dir=models) == compiled.path


@pytest.mark.weights
@pytest.mark.oak
@pytest.mark.parametrize("name", [*QUICK, pytest.param("lite", marks=pytest.mark.slow)])
def test_depthai_reads_a_compiled_network(compiler: Compiler, models: Path, name: str) -> None:
    dai: Any = depthai()
    compiled = compiled_blob(name, shaves=4, compiler=lambda: compiler, models_dir=models)
    assert_same_header(dai.OpenVINO.Blob(str(compiled.path)), compiled.path)


@pytest.mark.weights
def test_the_first_weights_do_not_contain_the_scale_of_pixels(
    compiler: Compiler, models: Path, tmp_path: Path
) -> None:
    # Times 1/255 they would be too small for float16: up to 0.4 px. OpenVINO scales all weights of
    # a layer by a power of 2 and stores them in blocks of 8 output channels.
    onnx: Any = pytest.importorskip("onnx")
    whole = onnx_file("lite", models_dir=models)
    graph = onnx.load(whole).graph
    first = next(node for node in graph.node if node.op_type == "Conv")
    start = tmp_path / "start.onnx"
    onnx.utils.extract_model(str(whole), str(start), [graph.input[0].name], [first.output[0]])
    without = onnx.load(start)  # its Relu prevents the same; here the compiler has to
    relu = next(node for node in without.graph.node if node.op_type == "Relu")
    next(n for n in without.graph.node if n.op_type == "Conv").input[0] = relu.input[0]
    without.graph.node.remove(relu)
    onnx.save(without, start)
    content = compiler.blob(compiler.intermediate(start, tmp_path), is_bytes=True, shaves=4)
    weights = next(tensor for tensor in graph.initializer if tensor.name == first.input[1])
    block = onnx.numpy_helper.to_array(weights)[:8, 0, 0, 0]

    def is_stored(factor: float) -> bool:
        scaled = [(block * factor * 2.0**power) for power in range(-4, 12)]
        return any(row.astype("<f2").tobytes() in content for row in scaled if row.max() < 6e4)

    assert is_stored(1)
    assert not is_stored(1 / 255)


@pytest.mark.weights
def test_clip_bounds_that_openvino_would_lose_are_refused(
    compiler: Compiler, models: Path, tmp_path: Path
) -> None:
    # Bounds in arrays of one element: OpenVINO 2021.4.2 makes 0 to 0 of them, without a warning.
    onnx: Any = pytest.importorskip("onnx")
    model = onnx.load(onnx_file("divide_by_255"))
    graph = model.graph
    pixels = graph.input[0].name
    for node in graph.node:
        node.input[:] = ["clipped" if name == pixels else name for name in node.input]
    graph.node.insert(0, onnx.helper.make_node("Clip", [pixels, "low", "high"], ["clipped"]))
    for name, bound in (("low", 0), ("high", 255)):
        graph.initializer.append(
            onnx.helper.make_tensor(name, onnx.TensorProto.FLOAT, [1], [bound])
        )
    changed = tmp_path / "changed.onnx"
    onnx.save(model, changed)
    with pytest.raises(ModelIntegrityError, match="form of 'divide_by_255' differs") as caught:
        blob_from_onnx(
            changed,
            "divide_by_255",
            shaves=1,
            compiler=compiler,
            models_dir=models,
            report=print,
        )
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("shaves", [16])
def test_more_than_eight_cores_are_possible(
    compiler: Compiler, tmp_path: Path, shaves: int
) -> None:
    model = compiler.intermediate(onnx_file("divide_by_255"), tmp_path)
    path = tmp_path / "some.blob"
    path.write_bytes(compiler.blob(model, is_bytes=True, shaves=shaves))
    assert blob_info(path).shaves == shaves


def test_errors_of_openvino_are_one_line(compiler: Compiler, tmp_path: Path) -> None:
    text = tmp_path / "text.onnx"
    text.write_text("not a network")
    with pytest.raises(InferenceError, match=r"can't convert text\.onnx: ") as caught:
        compiler.intermediate(text, tmp_path)
    assert "\n" not in str(caught.value)
    with pytest.raises(InferenceError, match=r"OpenVINO 2021\.4\.2: ") as caught:
        compiler.blob(tmp_path / "absent.xml", is_bytes=True, shaves=4)
    assert "\n" not in str(caught.value)


@pytest.fixture
def pyenv(compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose only old Python, without packages, is one of pyenv."""
    program = "import sys; print('%d.%d.0' % sys.version_info[:2], sys.base_prefix)"
    command = [compiler.python, "-c", program]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    version, _, prefix = found.stdout.strip().partition(" ")
    versions = tmp_path / "pyenv" / "versions"
    versions.mkdir(parents=True)
    (versions / version).symlink_to(prefix)
    for name in ("HOME", "PATH", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)
    return versions / version


@pytest.mark.usefixtures("pyenv")
def test_a_failed_installation_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    lines: list[str] = []
    with pytest.raises(BackendUnavailableError, match=r"openvino==2021\.4\.2") as caught:
        find_compiler(report=lines.append)
    assert "\n" not in str(caught.value)
    assert "about 70 MB" in lines[0]
    left = [path for path in (tmp_path / "cache" / "vitruvian" / "oak").iterdir() if path.is_dir()]
    assert left == []


def test_a_processor_without_packages_is_an_error(
    pyenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiler_environment, "MACHINES", ("another",))
    for python in (None, pyenv / "bin" / "python3"):
        with pytest.raises(BackendUnavailableError, match="needs a Python for x86-64") as caught:
            find_compiler(python)
        assert "--output" in str(caught.value)


@pytest.mark.weights
@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal of Ctrl-C")
def test_ctrl_c_leaves_nothing_half_written(compiler: Compiler, tmp_path: Path) -> None:
    path = local_path("lite")
    assert path is not None
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        PYTHON_VARIABLE: str(compiler.python),
    }
    program = (  # background processes of a shell ignore Ctrl-C, and so do those that they start
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from vitruvian.cli.entry import main; main()"
    )
    words = ["oak", "compile", "--model", "divide_by_255", "--models", str(path.parent)]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "compiling" in line:
            break
    while process.poll() is None and not list(tmp_path.glob("tmp*/cache")):
        sleep(0.01)  # until OpenVINO is about to compile
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert list((tmp_path / "vitruvian" / "oak").rglob("*")) == []
    assert list(tmp_path.glob("tmp*")) == []


def no_compiler() -> Compiler:
    raise AssertionError

"""`vitruvian oak compile`: networks for OAK cameras, from the published model files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitruvian.cli import options as opt

if TYPE_CHECKING:
    from vitruvian.oak.blobs.compiling import CompiledBlob

__all__ = ["compile_networks"]


def compile_networks(
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            help="detector, lite, full, heavy or all; may be given several times. A landmark "
            "network is compiled with the detector. Also best_candidate, divide_by_255, and "
            "lite_masks, full_masks, heavy_masks for segmentation.  [default: full]",
            show_default=False,
        ),
    ] = None,
    shaves: Annotated[
        int,
        typer.Option(
            min=1, max=16, metavar="N", help="Processor cores that each network will use, 1 to 16."
        ),
    ] = 4,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            file_okay=False,
            help="Folder for copies of the compiled networks.",
        ),
    ] = None,
    archive: Annotated[
        bool,
        typer.Option(
            "--archive", help="Also write NNArchive files (.tar.xz), which depthai 3 reads."
        ),
    ] = False,
    python: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", help="A Python 3.8 or 3.9; by default one of this machine is found."
        ),
    ] = None,
    models: opt.ModelsDir = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print no steps, and no line for each network.")
    ] = False,
) -> None:
    """Compile the networks for OAK cameras, without a camera.

    OpenVINO 2021.4.2 is downloaded once, about 70 MB. It needs Python 3.8 or 3.9.
    """
    from vitruvian.cli.lines import print_line
    from vitruvian.oak.blobs.compiling import compiled_blob, networks_of
    from vitruvian.oak.blobs.environment import find_compiler

    names = networks_of(model or ["full"])
    with _steps(hidden=quiet) as show:
        for name in names:
            compiled = compiled_blob(
                name,
                shaves=shaves,
                compiler=lambda: find_compiler(python, report=show),
                models_dir=models,
                report=lambda step, name=name: show(f"{name}: {step}"),  # type: ignore[misc]  # the default is the name of this round
            )
            paths = [compiled.path]
            if output is not None or archive:
                paths = _written(compiled, output, archive=archive)
            if not quiet:
                print_line(_summary(compiled, paths))


def _written(compiled: "CompiledBlob", output: Path | None, *, archive: bool) -> list[Path]:
    """Write the files that are asked for, and return their paths."""
    from vitruvian.draft import replace_file
    from vitruvian.errors import SinkError
    from vitruvian.oak.blobs.archive import archive_bytes

    folder = output or compiled.path.parent
    stem = f"{compiled.network}_sh{compiled.info.shaves}"
    contents = {}
    if output is not None:
        contents[folder / f"{stem}.blob"] = compiled.path.read_bytes()
    if archive:
        contents[folder / f"{stem}.tar.xz"] = archive_bytes(compiled)
    try:
        for path, content in contents.items():
            replace_file(path, content)
    except OSError as err:
        raise SinkError(f"can't write to {str(folder)!r}: {err}") from err
    return list(contents)


def _summary(compiled: "CompiledBlob", paths: list[Path]) -> str:
    info = compiled.info
    size = f"{info.size / 1e6:.2f} MB" if info.size > 1e5 else f"{info.size / 1e3:.1f} kB"
    shaves = f"{info.shaves} shave{'s' if info.shaves > 1 else ''}"
    files = ", ".join(map(str, paths))
    return f"{compiled.network}: {size}, {info.stages} stages, {shaves}: {files}"


@contextmanager
def _steps(*, hidden: bool) -> Iterator[Callable[[str], None]]:
    """Show the current step: on a terminal in one line with a spinner, otherwise line by line."""
    from rich.console import Console

    from vitruvian.cli.lines import BARS, print_line

    console = Console(stderr=True)
    if hidden or not console.is_terminal:
        yield lambda step: None if hidden else print_line(step, err=True)
        return
    with console.status("") as status:
        BARS.append(console)
        try:
            yield lambda step: status.update(step)
        finally:
            BARS.remove(console)

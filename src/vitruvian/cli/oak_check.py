"""`vitruvian oak check`: what can be proven only with a camera, and a report of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitruvian.cli.options import ModelsDir

if TYPE_CHECKING:
    from vitruvian.oak.checks.check import Check, CheckResult

__all__ = ["check"]

INTERRUPTED = 130
FAILED = 1


def check(  # noqa: PLR0913 - the options of the command
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Run only this check; repeatable."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the checks, and run none.")] = False,
    device: Annotated[
        str | None,
        typer.Option(
            "--oak-device",
            metavar="NAME",
            help="Name, IP address or ID of the camera; virtual for one without hardware.",
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(metavar="S", help="How long each measurement lasts, s.")
    ] = 10.0,
    distance: Annotated[
        float | None,
        typer.Option(metavar="M", help="True distance of the person's hips from the camera, m."),
    ] = None,
    shaves: Annotated[
        int,
        typer.Option(min=1, max=16, metavar="N", help="Shaves of the compiled networks, 1 to 16."),
    ] = 4,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            dir_okay=False,
            help="Also write the report to this file: JSON if it ends in .json, or else text.",
        ),
    ] = None,
    models: ModelsDir = None,
) -> None:
    """Check a real OAK camera, and print a report that you can send.

    A person stands 2 to 3 m before the camera, in full view. Ctrl-C stops; the report then has the
    checks that are done. The exit code is 1 if a check failed.
    """
    from vitruvian.oak.checks.check import CheckSetup, chosen_checks, heading, line_of, run_checks

    try:
        chosen = chosen_checks(only or ())
    except ValueError as error:  # its message begins with the name of the parameter
        raise ValueError(f"--{error}") from error
    if list_:
        for one in chosen:
            typer.echo(f"{one.name:<20}  {one.title}")
        return
    if output is not None and not output.parent.is_dir():
        raise ValueError(f"can't write {str(output)!r}: there is no folder {str(output.parent)!r}")
    setup = CheckSetup(
        device=device, seconds=seconds, distance_m=distance, shaves=shaves,
        models_dir=None if models is None else str(models),
        say=lambda text: typer.echo(text, err=True),
    )  # fmt: skip

    def on_start(one: "Check") -> None:
        typer.echo(f"{one.name}: {one.title} ...", err=True)

    def on_result(one: "Check", result: "CheckResult") -> None:
        typer.echo(line_of(one.name, result))

    chosen_checks(only or ())  # an unknown name is an error before anything is printed
    typer.echo(f"{heading()}\n")
    report = run_checks(setup, only or (), on_start=on_start, on_result=on_result)
    typer.echo(f"\n{report.summary}")
    if output is not None:
        is_json = output.suffix.lower() == ".json"
        output.write_text(report.to_json() if is_json else str(report), encoding="utf-8")
    if not report.is_complete:
        raise typer.Exit(INTERRUPTED)
    if report.has_failed:
        raise typer.Exit(FAILED)

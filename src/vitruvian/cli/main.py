"""The command line: `vitruvian COMMAND`, its errors and its messages."""

from __future__ import annotations

import logging
import warnings
from typing import Annotated, Any

import typer

from vitruvian import __version__
from vitruvian.cli import (
    analyse,
    bench,
    convert,
    demo,
    evaluate,
    mediapipe,
    models,
    oak,
    poses,
    studio,
    track,
    triangulate,
    view,
)
from vitruvian.cli import run as run_command
from vitruvian.cli.lines import print_line
from vitruvian.cli.sections import SectionedCommand
from vitruvian.runs.messages import EXPECTED_ERRORS, error_line

__all__ = ["app", "run"]

FAILED = 1
WRONG_USAGE = 2  # also Typer's own code
INTERRUPTED = 130  # 128 + SIGINT, as in shells


class _Group(typer.core.TyperGroup):
    """Turns errors into one line on the error stream and an exit code.

    A `ValueError` or `TypeError` is a mistake in a call, so the command line is wrong. Errors of a
    run that has begun are others.
    """

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # the reader of our output has ended; Typer exits silently
        except EXPECTED_ERRORS as err:
            if ctx.params["verbose"]:
                raise
            typer.echo(f"error: {error_line(err)}", err=True)
            is_mistake = isinstance(err, ValueError | TypeError)
            raise typer.Exit(WRONG_USAGE if is_mistake else FAILED) from err
        except KeyboardInterrupt as err:
            typer.echo(str(err) or "interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None


class _LineHandler(logging.Handler):
    """Writes each message as one line, above the progress bars."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one message."""
        print_line(f"{record.levelname.lower()}: {record.getMessage()}", err=True)


app = typer.Typer(
    name="vitruvian",
    cls=_Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("track", cls=SectionedCommand, epilog=track.FORMATS)(track.track)
app.command("triangulate", cls=SectionedCommand)(triangulate.triangulate)
app.command("convert", cls=SectionedCommand)(convert.convert)
app.command("view")(view.view)
app.command("run", context_settings=run_command.SETTINGS)(run_command.run)
app.add_typer(mediapipe.app, name="mediapipe")
app.command("demo")(demo.demo)
app.command("studio", cls=SectionedCommand)(studio.studio)
app.command("analyse", cls=SectionedCommand)(analyse.analyse)
app.command("bench")(bench.bench)
app.command("evaluate", cls=SectionedCommand)(evaluate.evaluate)
app.add_typer(models.app, name="models")
app.add_typer(oak.app, name="oak")
app.add_typer(poses.app, name="poses")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vitruvian {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print more, with a traceback for errors.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Find people in photos, videos and live cameras: 33 landmarks each, in px and metres."""
    warnings.filterwarnings("ignore", module="PIL")  # about damage that leaves a good image
    logger = logging.getLogger("vitruvian")
    logger.handlers = [_LineHandler()]
    logger.setLevel(logging.INFO if verbose else logging.WARNING)


def run() -> None:
    """Run the program."""
    app()

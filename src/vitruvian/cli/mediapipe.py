"""`vitruvian mediapipe`: the switch for all programs of this environment."""

import typer

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="Let 'import mediapipe' import this package, in all programs of this environment.",
    rich_markup_mode=None,
)


@app.command("on")
def switch_on() -> None:
    """Redirect 'import mediapipe' in every program that this Python runs, until it is off.

    It writes a file into the environment, which Python reads at each start. Running programs are
    not changed. An installed MediaPipe is not changed, but not imported any more.
    """
    from vitruvian.compat import switch

    typer.echo(f"on: {switch.switch_on()}")


@app.command("off")
def switch_off() -> None:
    """Remove the file: 'import mediapipe' imports MediaPipe again, if it is installed."""
    from vitruvian.compat import switch

    typer.echo("\n".join(["off", *(f"removed {path}" for path in switch.switch_off())]))


@app.command("status")
def status() -> None:
    """Print whether the switch is on, and the file."""
    from vitruvian.compat import switch

    files = switch.switch_files()
    typer.echo("\n".join(f"on: {path}" for path in files) or "off")

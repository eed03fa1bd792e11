"""`vitruvian oak`: OAK cameras: which are connected, their networks, a check of a real device."""

import typer

from vitruvian.cli.oak_check import check
from vitruvian.cli.oak_compile import compile_networks
from vitruvian.cli.oak_devices import list_devices

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="List OAK cameras, compile their networks, check a device.",
    rich_markup_mode=None,
)
app.command("compile")(compile_networks)
app.command("devices")(list_devices)
app.command("check")(check)

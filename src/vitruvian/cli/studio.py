"""`vitruvian studio`: the page in a browser, served by this machine."""

import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitruvian.cli import options as opt
from vitruvian.cli.demo import packaged_clip
from vitruvian.errors import VitruvianError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.studio.options import StudioOptions
    from vitruvian.studio.place import Place
    from vitruvian.studio.server import StudioServer

__all__ = ["studio"]

PORT = 8720
_POLL_S = 0.1

Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT",
        help="Opened at once: image or video file, results, camera number, OAK camera ('oak') or "
        "stream URL.",
        show_default=False,
    ),
]
Video = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The video of INPUT, if that holds results: walk.jsonl."),
]
Demo = Annotated[bool, typer.Option("--demo", help="Open the clip that comes with the package.")]
Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Address of this machine to listen on.")]
Port = Annotated[
    int,
    typer.Option(
        metavar="N", min=0, max=65535, help="The next free one if it is taken; 0 for any."
    ),
]
Lan = Annotated[
    bool,
    typer.Option(
        "--lan", help="Let phones and other machines of the network use the page, by HTTPS."
    ),
]
Cert = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Certificate for HTTPS, PEM.  [default: with --lan one of its own]",
        show_default=False,
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Private key of --cert, PEM.  [default: in the same file]",
        show_default=False,
    ),
]
PublicUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Origin of a reverse proxy: 'https://pose.example.org'."),
]
Token = Annotated[
    str | None,
    typer.Option(
        metavar="ENV|FILE",
        help="Environment variable or file that holds the token for programs, instead of a random "
        "one.",
        show_default=False,
    ),
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Only print the URL of the page.")]
Folders = Annotated[
    list[Path] | None,
    typer.Option(
        "--folder",
        metavar="DIR",
        help="Folder whose files the page may list and open; repeatable.",
        show_default=False,
    ),
]
MaxUpload = Annotated[
    str, typer.Option(metavar="SIZE", help="Greatest size of an uploaded file: 500M, 2G.")
]
AllowUrls = Annotated[
    bool, typer.Option("--allow-urls", help="Let the page open stream URLs that are typed there.")
]


@opt.engine_options(
    "num_poses",
    "model",
    "models_dir",
    "profile",
    "backend",
    "device",
    "threads",
    "precision",
    "detection_confidence",
    "presence_confidence",
    "tracking_confidence",
    "segmentation",
    "force_detection",
    "crop",
    "reach",
    "prefer",
    "follow",
    "id_memory_s",
    "association_iou",
    "smoothing",
    before="verbose",
)
def studio(  # noqa: PLR0913 - the options are the interface
    inputs: Inputs = None,
    video: Video = None,
    demo: Demo = False,
    host: Host = "127.0.0.1",
    port: Port = PORT,
    lan: Lan = False,
    cert: Cert = None,
    key: Key = None,
    public_url: PublicUrl = None,
    token: Token = None,
    no_browser: NoBrowser = False,
    folder: Folders = None,
    max_upload: MaxUpload = "2G",
    allow_urls: AllowUrls = False,
    verbose: opt.Verbose = False,
    **engine: Any,
) -> None:
    """Show poses in a browser, live and recorded.

    Starts a server on this machine, prints the URL of its page, and opens it. Nothing is sent
    anywhere else. Ctrl-C ends the server and removes what was uploaded.
    """
    from vitruvian.cli import studio_checks as check

    check.installed_packages()
    from vitruvian.cli.progress import fetch_models
    from vitruvian.cli.signals import stop_on_signals
    from vitruvian.cli.studio_logins import ShownLogins, open_browser
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.studio.options import StudioOptions

    check.existing_inputs(inputs or (), video)
    options = StudioOptions(
        tracker=TrackerOptions(**engine, smooth_segmentation=engine["smoothing"] > 0),
        inputs=tuple(inputs or ()),
        video=video,
        folders=check.existing_folders(folder or ()),
        allow_urls=allow_urls,
        max_upload=check.bytes_of(max_upload),
    )
    where = check.place(host, port, lan=lan, cert=cert, key=key, public_url=public_url)
    secret = None if token is None else check.secret_token(token)
    with stop_on_signals() as stop, ExitStack() as opened:
        check.known_model(engine["model"])
        fetch_models(engine["model"], engine["models_dir"])
        opened.enter_context(stop.deferred())  # from here on Ctrl-C ends the server in good order
        if demo:
            clip = str(opened.enter_context(packaged_clip()))
            options = replace(options, inputs=(*options.inputs, clip))
        running = opened.enter_context(_running_server(options, secret, where))
        shown = ShownLogins(running, address=where.lan_names[0] if lan else None)
        shown.print_all()
        if not no_browser:
            open_browser(running.login_url)
        while not stop.is_requested:
            if not running.is_alive:
                raise VitruvianError("the server has stopped")
            shown.renew_used()
            time.sleep(_POLL_S)
    raise KeyboardInterrupt("stopped")


@contextmanager
def _running_server(
    options: "StudioOptions", token: str | None, where: "Place"
) -> "Iterator[StudioServer]":
    """Open the inputs and run the server."""
    from vitruvian.studio.server import StudioServer
    from vitruvian.studio.state import Studio

    with Studio(options, token=token) as studio, StudioServer(studio, where) as server:
        studio.oak_cameras.names()  # they are found by the time the page asks for them
        yield server

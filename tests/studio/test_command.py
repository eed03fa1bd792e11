"""The command `vitruvian studio`: from its start to its end."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from typer.testing import CliRunner

from vitruvian.cli import studio_logins
from vitruvian.cli.main import app
from vitruvian.cli.studio_checks import bytes_of, secret_token
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.place import Place
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer.testing import Result

PROGRAM = [str(Path(sys.executable).with_name("vitruvian")), "studio", "--no-browser"]
URL = re.compile(r"https?://\S+/login\?token=\S+")
LIMIT_S = 20
END_LIMIT_S = 2.0
TOKEN = "0123456789abcdef"
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def vitruvian(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_logging: None
) -> Callable[..., Result]:
    """Run the command in an empty folder; it must end by itself."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["studio", *map(str, words)])


class Running:
    """The command in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.url = self.next_url()

    def next_url(self) -> str:
        """The next login URL that is printed."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if match := URL.search(line):
                return match[0]
        raise AssertionError(self.process.communicate()[1])

    def rest(self) -> str:
        """What is printed until the command ends."""
        assert self.process.stdout is not None
        return self.process.stdout.read()


@contextmanager
def running(folder: Path, *words: str) -> Iterator[Running]:
    """Run the command until the end of the block, with temporary files in `folder`."""
    process = subprocess.Popen(
        [*PROGRAM, "--port", "0", *words],
        env={**os.environ, "TMPDIR": str(folder)},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.communicate()


# --- from start to end ---


@pytest.mark.weights
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_server_and_removes_its_files(number: int, tmp_path: Path) -> None:
    with running(tmp_path) as studio, httpx.Client(timeout=LIMIT_S) as client:
        assert client.get(studio.url).status_code == 303
        assert client.get(studio.url.partition("/login")[0]).status_code == 200
        assert len(list(tmp_path.glob("vitruvian-studio-*"))) == 1
        studio.process.send_signal(number)
        _, told = studio.process.communicate(timeout=LIMIT_S)
        assert (studio.process.returncode, told) == (130, "stopped\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.weights
def test_after_each_login_the_terminal_shows_a_new_url(tmp_path: Path) -> None:
    with running(tmp_path) as studio:
        urls = [studio.url]
        for _ in range(2):
            assert httpx.get(urls[-1]).status_code == 303
            assert httpx.get(urls[-1]).status_code == 401
            urls.append(studio.next_url())
        assert len(set(urls)) == 3


@pytest.mark.weights
def test_the_page_gets_the_options_and_a_program_uses_the_token_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_TOKEN", TOKEN)
    options = ["--model", "lite", "--num-poses", "3", "--max-upload", "5M", "--allow-urls"]
    with running(tmp_path, "--demo", "--token", "STUDIO_TOKEN", *options) as studio:
        assert TOKEN not in studio.url
        headers = {"Authorization": f"Bearer {TOKEN}"}
        url = f"{studio.url.partition('/login')[0]}/api/info"
        info = httpx.get(url, headers=headers, timeout=LIMIT_S).json()
    assert (info["defaults"]["model"], info["defaults"]["num_poses"]) == ("lite", 3)
    assert info["inputs"][0]["file"]["name"] == "demo.mp4"
    assert info["limits"]["max_upload"] == 5 * 1024**2
    assert info["limits"]["allow_urls"]


def test_the_token_of_the_user_is_in_a_variable_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token.txt").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("STUDIO_TOKEN", TOKEN)
    for source in ("STUDIO_TOKEN", str(tmp_path / "token.txt")):
        assert secret_token(source) == TOKEN


def test_a_server_ends_without_warnings(
    caplog: pytest.LogCaptureFixture,
    recwarn: pytest.WarningsRecorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = set(threading.enumerate())
    with StudioServer(Studio(StudioOptions())) as server:
        folder = server.studio.folder
        ended: list[bool] = []
        for part in (server.studio.jobs, server.studio.sessions):
            monkeypatch.setattr(part, "close", lambda: ended.append(folder.is_dir()))
    assert ended == [True, True]
    assert not folder.exists()
    assert set(threading.enumerate()) <= before
    assert (caplog.records, recwarn.list) == ([], [])


def test_work_and_clients_that_do_not_end_delay_the_end_by_two_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = b"POST /login HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n"
    request += b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n"
    never = threading.Event()
    times_s = []
    for _ in range(3):
        server = StudioServer(Studio(StudioOptions()))
        monkeypatch.setattr(server.studio.sessions, "close", never.wait)
        server.start()
        with socket.create_connection(("127.0.0.1", server.address.port)) as slow:
            slow.sendall(request)
            assert httpx.get(server.url).status_code == 401  # so the other is being answered
            start_s = time.perf_counter()
            server.close()
            times_s.append(time.perf_counter() - start_s)
        assert not server.studio.folder.exists()
    never.set()
    assert min(times_s) <= END_LIMIT_S  # other programs may slow down one of them


# --- ports ---


def test_the_next_free_port_is_used() -> None:
    with StudioServer(Studio(StudioOptions())) as first:
        port = first.address.port
        with StudioServer(Studio(StudioOptions()), Place(port=port)) as second:
            assert port < second.address.port <= port + 20
            assert httpx.get(second.login_url).status_code == 303


def test_an_address_of_another_machine_is_one_line(vitruvian: Callable[..., Result]) -> None:
    result = vitruvian("--host", "192.0.2.1", "--no-browser")
    assert result.exit_code == 1
    reason = os.strerror(errno.EADDRNOTAVAIL)
    assert result.stderr == f"error: can't listen on '192.0.2.1', port 8720: {reason}\n"


# --- what is wrong is told in one line ---

WRONG = {
    "no file": (["nothing.mp4"], 1, "no image, video or file of results at 'nothing.mp4'"),
    "folder": (["."], 1, "'.' is a folder: give it as --folder"),
    "standard input": (["-"], 1, "no image, video or file of results at '-'"),
    "camera": (["97"], 1, "no camera 97; cameras of this machine: "),
    "video": (["x.jsonl", "--video", "x.mp4"], 1, "no video at 'x.mp4'"),
    "video alone": (
        ["--video", "room.mp4"],
        2,
        "--video needs one INPUT with its results",
    ),
    "video of a video": (["room.mp4", "--video", "room.mp4"], 2, "--video needs one INPUT"),
    "not a video": (["room.mp4"], 1, "room.mp4"),
    "folder option": (["--folder", "nothing"], 2, "--folder must be a folder, got 'nothing'"),
    "token": (["--token", "NOTHING"], 2, "--token must be an environment variable or a file"),
    "short token": (["--token", "SHORT_TOKEN"], 2, "at least 16 letters, digits"),
    "odd token": (["--token", "ODD_TOKEN"], 2, "at least 16 letters, digits"),
    "size": (["--max-upload", "much"], 2, "--max-upload must be a size such as 500M or 2G"),
    "all addresses": (["--host", "0.0.0.0"], 2, "--host must be one address"),
    "all IPv6 addresses": (["--host", "::"], 2, "--host must be one address"),
    "lan and host": (["--lan", "--host", "192.0.2.1"], 2, "--lan listens on all addresses"),
    "key alone": (["--key", "room.mp4"], 2, "--key belongs to --cert"),
    "certificate": (["--cert", "nothing.pem"], 1, "no certificate with its key in 'nothing.pem'"),
    "not a certificate": (["--cert", "room.mp4"], 1, "no certificate with its key in 'room.mp4'"),
    "public URL": (["--public-url", "pose.example.org"], 2, "the public URL must be like"),
    "model": (["--model", "huge"], 2, "model must be one of"),
    "option": (["--num-poses", "0"], 2, "num_poses"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_command_line_is_one_line(
    name: str, vitruvian: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHORT_TOKEN", "short")
    monkeypatch.setenv("ODD_TOKEN", "a token with spaces in it")
    (tmp_path / "room.mp4").write_bytes(b"not a video")
    (tmp_path / "x.jsonl").touch()
    words, code, message = WRONG[name]
    result = vitruvian("--no-browser", *words)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_without_the_extra_the_line_says_what_to_install(
    vitruvian: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = vitruvian()
    assert result.exit_code == 1
    assert result.stderr == ("error: the studio needs uvicorn: pip install 'vitruvian[studio]'\n")


def test_sizes_are_in_units_of_1024() -> None:
    sizes = [bytes_of(size) for size in ("100", "2K", "1.5M", "2G", "2GB", "2 GiB")]
    assert sizes == [100, 2048, 1572864, 2**31, 2**31, 2**31]


# --- the browser ---


@pytest.fixture
def opened_urls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    urls: list[str] = []
    monkeypatch.setattr(studio_logins.webbrowser, "open", urls.append)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return urls


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_the_browser_opens_if_there_is_a_display(
    opened_urls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert studio_logins.open_browser("http://localhost/") is None
    monkeypatch.setenv("DISPLAY", ":0")
    thread = studio_logins.open_browser("http://127.0.0.1/")
    assert thread is not None
    thread.join()
    assert opened_urls == ["http://127.0.0.1/"]


# --- the network ---


@pytest.mark.weights
def test_the_server_connects_to_nothing(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace.txt"
    calls = "trace=connect,sendto,sendmsg,sendmmsg,bind"
    command = ["strace", "-f", "-qq", "-e", calls, "-o", str(trace), *PROGRAM, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    studio = Running(process)
    with httpx.Client(timeout=LIMIT_S) as client:
        client.get(studio.url)
        client.get(f"{studio.url.partition('/login')[0]}/api/info")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGINT)
    process.communicate(timeout=LIMIT_S)
    lines = [line for line in trace.read_text().splitlines() if "AF_INET" in line]
    assert len(lines) == 1  # it listens; answers have no address
    assert "bind(" in lines[0]
    assert 'inet_addr("127.0.0.1")' in lines[0]

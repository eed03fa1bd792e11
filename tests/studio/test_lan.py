"""The studio in the local network: HTTPS, its certificate, names, and the QR code."""

from __future__ import annotations

import datetime
import ipaddress
import re
import ssl
import stat
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.studio.test_command import LIMIT_S, running
from vitruvian.errors import VitruvianError
from vitruvian.studio import certificate as certificates
from vitruvian.studio.certificate import lan_certificate, load_certificate
from vitruvian.studio.lan import lan_addresses, lan_names, qr_code
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.place import Place
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from vitruvian.studio.certificate import Certificate

NAMES = ("localhost", "127.0.0.1", "::1", "192.0.2.7", "laptop", "laptop.local")


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return lan_certificate(NAMES, folder=tmp_path / "config")


@pytest.fixture
def server(certificate: Certificate) -> Iterator[StudioServer]:
    """A server of the network, which has some more names."""
    place = Place(certificate=certificate, lan_names=(*NAMES[3:], *lan_addresses()))
    with StudioServer(Studio(StudioOptions()), place) as running:
        yield running


def parsed(certificate: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.path.read_bytes())


# --- the certificate ---


def test_the_certificate_is_for_all_names_and_valid_as_long_as_browsers_accept(
    certificate: Certificate,
) -> None:
    content = parsed(certificate)
    names = content.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    found = [str(getattr(name, "value", name)) for name in names]
    assert found == list(NAMES)
    assert content.not_valid_after_utc - content.not_valid_before_utc == datetime.timedelta(397)
    assert content.not_valid_before_utc < datetime.datetime.now(datetime.UTC)
    key = content.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    limits = content.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not limits.ca


def test_the_digest_is_written_as_browsers_write_it(certificate: Certificate) -> None:
    digest = parsed(certificate).fingerprint(hashes.SHA256()).hex().upper()
    assert certificate.sha256.replace(":", "") == digest
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", certificate.sha256)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_the_user_can_read_the_key(certificate: Certificate) -> None:
    assert stat.S_IMODE(certificate.path.stat().st_mode) == 0o600
    assert [path.name for path in certificate.path.parent.iterdir()] == [certificate.path.name]


def test_the_certificate_is_used_again(certificate: Certificate) -> None:
    folder = certificate.path.parent
    assert lan_certificate(NAMES, folder=folder) == certificate
    assert lan_certificate(NAMES[:3], folder=folder) == certificate  # fewer names


@pytest.mark.parametrize("reason", ["name", "expired", "readable", "damaged", "no key"])
def test_the_certificate_is_made_anew_if_it_can_not_be_used(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    names, path = NAMES, certificate.path
    if reason == "name":
        names = (*NAMES, "192.0.2.8")
    elif reason == "expired":
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(391)
        monkeypatch.setattr(certificates, "_now", lambda: later)
    elif reason == "readable":
        path.chmod(0o644)
    elif reason == "damaged":
        path.write_bytes(path.read_bytes()[:100])
    else:
        path.write_bytes(path.read_bytes().partition(b"-----BEGIN PRIVATE")[0])
    renewed = lan_certificate(names, folder=path.parent)
    assert renewed.sha256 != certificate.sha256
    assert lan_certificate(names, folder=path.parent) == renewed


def test_a_certificate_of_the_user_may_have_its_key_in_another_file(
    certificate: Certificate, tmp_path: Path
) -> None:
    first, begin, rest = certificate.path.read_bytes().partition(b"-----BEGIN PRIVATE")
    (tmp_path / "studio.pem").write_bytes(first)
    (tmp_path / "studio-key.pem").write_bytes(begin + rest)
    loaded = load_certificate(tmp_path / "studio.pem", tmp_path / "studio-key.pem")
    assert loaded.sha256 == certificate.sha256
    with pytest.raises(VitruvianError, match=r"no certificate with its key in .*studio.pem': "):
        load_certificate(tmp_path / "studio.pem")


def test_a_key_with_a_password_is_an_error_and_no_question(
    certificate: Certificate, tmp_path: Path
) -> None:
    key = serialization.load_pem_private_key(certificate.path.read_bytes(), None)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (tmp_path / "key.pem").write_bytes(secret)
    with pytest.raises(VitruvianError, match=r"no certificate with its key in"):
        load_certificate(certificate.path, tmp_path / "key.pem")


# --- names and the QR code ---


def test_addresses_of_the_network_are_not_those_of_loopback() -> None:
    addresses = lan_addresses()
    assert all(not ipaddress.ip_address(address).is_loopback for address in addresses)
    assert len(set(addresses)) == len(addresses)
    assert lan_names()[: len(addresses)] == addresses
    assert not {"localhost", "localhost.local"} & set(lan_names())


@pytest.mark.parametrize("colored", [False, True])
def test_the_qr_code_says_the_url(colored: bool) -> None:
    segno = pytest.importorskip("segno")
    url = "https://192.0.2.7:8720/login?token=" + "a" * 43
    lines = re.sub(r"\033\[[\d;]*m", "", qr_code(url, colored=colored)).split("\n")
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}  # a dark module is empty
    columns = [[halves[sign] for sign in line] for line in lines]
    rows = [[pair[half] for pair in line] for line in columns for half in (0, 1)]
    wanted = [list(row) for row in segno.make(url, error="l").matrix_iter(border=2)]
    assert rows[: len(wanted)] == wanted


# --- the server ---


def test_a_client_that_knows_the_certificate_trusts_the_server(
    server: StudioServer, certificate: Certificate
) -> None:
    trust = ssl.create_default_context(cafile=str(certificate.path))
    with httpx.Client(verify=trust, timeout=LIMIT_S) as client:
        answer = client.get(server.login_url)
        assert answer.status_code == 303
        assert "; Secure" in answer.headers["set-cookie"]
        assert client.get(server.url).status_code == 200
        origin = {"origin": f"https://192.0.2.7:{server.address.port}"}
        host = {"host": f"192.0.2.7:{server.address.port}"}
        assert client.get(server.url, headers=host).status_code == 200
        info = f"{server.url}/api/info"
        assert client.post(info, headers={**host, **origin}).status_code == 405
        plain = {"origin": f"http://192.0.2.7:{server.address.port}"}
        assert client.post(info, headers={**host, **plain}).status_code == 403
        assert client.get(server.url, headers={"host": "192.0.2.8"}).status_code == 403


def test_there_is_no_plain_http(server: StudioServer) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(server.url.replace("https:", "http:"))


def test_only_lan_listens_on_all_addresses(server: StudioServer) -> None:
    assert server._socket.getsockname()[0] == "0.0.0.0"
    with StudioServer(Studio(StudioOptions())) as local:
        assert local._socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.browser
def test_a_phone_that_accepts_the_certificate_can_use_its_camera(
    browser: Browser, server: StudioServer
) -> None:
    address = (*lan_addresses(), "localhost")[0]
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(server.login_url_at(server.address.url_at(address)))
    page.wait_for_selector("html[data-state=ready]")
    assert page.evaluate("isSecureContext && crossOriginIsolated")
    assert page.evaluate("typeof VideoEncoder") == "function"
    n_tracks = page.evaluate(
        """Promise.race([
            navigator.mediaDevices.getUserMedia({video: true}).then((s) => s.getTracks().length),
            new Promise((_, fail) => setTimeout(() => fail(new Error("no camera")), 5000)),
        ])"""
    )
    assert n_tracks == 1
    assert told == []
    context.close()


@pytest.mark.weights
def test_the_command_prints_an_address_a_qr_code_and_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not lan_addresses():
        pytest.skip("this machine has no network")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    (tmp_path / "run").mkdir()
    with running(tmp_path / "run", "--lan") as studio:
        local, shared = studio.url, studio.next_url()
        assert local.startswith("https://localhost:")
        assert shared.startswith(f"https://{lan_addresses()[0]}:")
        assert local.partition("token=")[2] != shared.partition("token=")[2]
        (made,) = (tmp_path / "config" / "vitruvian").iterdir()
        trust = ssl.create_default_context(cafile=str(made))
        assert httpx.get(shared, verify=trust).status_code == 303
        renewed = studio.next_url()
        assert renewed.partition("token=")[0] == shared.partition("token=")[0]
        studio.process.terminate()
        assert qr_code(renewed, colored=False) in studio.rest()

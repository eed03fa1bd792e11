"""Who may use the server: each guard is red without the code that it tests."""

from __future__ import annotations

import json
import logging
import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from vitruvian.studio import connections, info
from vitruvian.studio.address import StudioAddress, public_origin
from vitruvian.studio.headers import HEADERS
from vitruvian.studio.logins import LoginTokens
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.place import Place
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio
from vitruvian.studio.static_files import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

PUBLIC = "https://pose.example.org"
FOREIGN = "https://evil.example.org"
SHORT_S = 0.3
LIMIT_S = 5.0
HALF = (  # of a login; its body is awaited before there is a token
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
)
TRAVERSALS = [
    "/page/../state.py",
    "/page/../../studio/state.py",
    "/page/..%2fstate.py",
    "/page/..%2Fstate.py",
    "/page/%2e%2e/state.py",
    "/page/%2e%2e%2fstate.py",
    "/page/.%2e/state.py",
    "/page/%252e%252e/state.py",
    "/page/..%252fstate.py",
    "/page/..\\state.py",
    "/page/..%5cstate.py",
    "/page/%5c..%5cstate.py",
    "/page/....//state.py",
    "/page/..;/state.py",
    "/page/ui/../../state.py",
    "/page/ui/%2e%2e/%2e%2e/state.py",
    f"/page/{PAGE.parent}/state.py",
    f"/page/%2f{str(PAGE.parent)[1:]}/state.py",
    f"/page//{str(PAGE.parent)[1:]}/state.py",
    "/page/..%00/state.py",
    "/page/index.html%00.py",
    "/page/C:%5cWindows%5cwin.ini",
    "/page/..%c0%afstate.py",
    "//page/../state.py",
]


@pytest.fixture(scope="module")
def studio() -> Iterator[StudioServer]:
    """A server of this module."""
    with StudioServer(Studio(StudioOptions())) as server:
        yield server


@pytest.fixture
def visitor(studio: StudioServer) -> Iterator[httpx.Client]:
    """A browser that has not logged in."""
    with httpx.Client(base_url=studio.url, timeout=LIMIT_S) as client:
        yield client


@pytest.fixture
def user(visitor: httpx.Client, studio: StudioServer) -> httpx.Client:
    """A browser that has logged in."""
    assert visitor.get(studio.login_url).status_code == 303
    return visitor


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def handshake(server: StudioServer, **headers: str) -> str:
    """Return the code with which a WebSocket was refused; empty if it passed the guard."""
    cookie = f"{server.address.cookie}={server.studio.token}"
    names = {name.replace("_", "-"): value for name, value in {"cookie": cookie, **headers}.items()}
    host = names.pop("host", f"127.0.0.1:{server.address.port}")
    sock = socket.create_connection(("127.0.0.1", server.address.port), LIMIT_S)
    try:
        url = f"ws://{host}/api/live"
        connect(url, sock=sock, additional_headers=names, proxy=None).close()
    except InvalidStatus as refusal:
        body = refusal.response.body
        return str(json.loads(body)["error"]["code"]) if body else ""
    return ""


@contextmanager
def opened(server: StudioServer) -> Iterator[socket.socket]:
    """A connection of a client that writes its own HTTP."""
    with socket.create_connection(("127.0.0.1", server.address.port), LIMIT_S) as sock:
        yield sock


def answer_to(server: StudioServer, request: bytes) -> bytes:
    """Return what the server answers to some bytes, until it closes the connection."""
    with opened(server) as sock:
        sock.sendall(request)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def is_closed(sock: socket.socket) -> bool:
    """Whether the server closes a connection within the limit."""
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for a state of the server."""
    until = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


# --- the token ---


def test_without_a_token_a_person_gets_a_page_that_tells_what_to_do(visitor: httpx.Client) -> None:
    answer = visitor.get("/")
    assert answer.status_code == 401
    assert "shows in its terminal" in answer.text
    assert "script" not in answer.text


@pytest.mark.parametrize("path", ["/api/info", "/api/nothing", "/page/ui/main.js"])
def test_without_a_token_a_program_gets_an_error(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, code_of(answer)) == (401, "no_token")


@pytest.mark.parametrize("token", ["wrong", "\u00e9", "Bearer", "x" * 43])
def test_a_wrong_token_is_refused(visitor: httpx.Client, studio: StudioServer, token: str) -> None:
    for header in (f"Bearer {token}", token):
        answer = visitor.get("/api/info", headers={"authorization": header.encode()})
        assert answer.status_code == 401
    cookie = f"{studio.address.cookie}={token}; vitruvian={studio.studio.token}"
    assert visitor.get("/api/info", headers={"cookie": cookie.encode()}).status_code == 401
    assert visitor.get("/login", params={"token": token}).status_code == 401
    assert visitor.get("/login").status_code == 401


def test_a_login_url_opens_the_page_once(studio: StudioServer) -> None:
    url = studio.login_url
    with httpx.Client() as first, httpx.Client() as second:
        answer = first.get(url)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert first.get(studio.url).status_code == 200
        assert second.get(url).status_code == 401
        assert second.get(studio.url).status_code == 401
        assert first.get(url).status_code == 303  # the browser shows its last page again


def test_a_head_request_does_not_use_a_login_url(studio: StudioServer) -> None:
    url = studio.login_url  # a messenger looks at links before its user does
    httpx.head(url)
    assert httpx.get(url).status_code == 303


def test_login_urls_do_not_hold_the_secret_and_differ(studio: StudioServer) -> None:
    urls = {studio.login_url for _ in range(3)}
    assert len(urls) == 3
    assert all(studio.studio.token not in url for url in urls)


def test_a_login_does_not_redirect_elsewhere(visitor: httpx.Client, studio: StudioServer) -> None:
    url = f"{studio.login_url}&next={FOREIGN}&redirect={FOREIGN}"
    assert visitor.get(url).headers["location"] == "/"


def test_the_cookie_is_for_this_server_and_no_script(
    visitor: httpx.Client, studio: StudioServer
) -> None:
    cookie = visitor.get(studio.login_url).headers["set-cookie"]
    name, *attributes = cookie.split("; ")
    assert name == f"vitruvian-{studio.address.port}={studio.studio.token}"
    assert {text.lower() for text in attributes} == {"httponly", "path=/", "samesite=strict"}


def test_a_program_sends_the_token_in_a_header(studio: StudioServer) -> None:
    headers = {"Authorization": f"Bearer {studio.studio.token}"}
    assert httpx.get(f"{studio.url}/api/info", headers=headers).status_code == 200
    assert httpx.post(f"{studio.url}/api/info", headers=headers).status_code == 405
    assert handshake(studio, authorization=headers["Authorization"], cookie="") == ""


def test_a_token_of_the_user_is_entered_in_the_form_and_not_in_a_url() -> None:
    token = "a-token-of-the-user"
    with (
        StudioServer(Studio(StudioOptions(), token=token)) as server,
        httpx.Client(base_url=server.url, headers={"origin": server.url}) as client,
    ):
        assert client.get("/login", params={"token": token}).status_code == 401
        for given in (token, server.login_url):
            client.cookies.clear()
            assert client.post("/login", data={"token": "wrong"}).status_code == 401
            assert client.post("/login", data={"token": given}).status_code == 303
            assert client.get("/").status_code == 200


def test_another_site_can_not_log_its_visitor_in(
    visitor: httpx.Client, studio: StudioServer
) -> None:
    data = {"token": studio.login_url}
    for origin in (FOREIGN, "null"):
        answer = visitor.post("/login", data=data, headers={"origin": origin})
        assert code_of(answer) == "foreign_origin"
    assert code_of(visitor.post("/login", data=data)) == "foreign_origin"


def test_login_tokens_are_long_and_used_once() -> None:
    tokens = LoginTokens()
    first, second = tokens.new(), tokens.new()
    assert len(first) >= 43  # 32 bytes in base64
    assert not tokens.use("")
    assert not tokens.use(first[:-1])
    assert tokens.is_unused(first)
    assert tokens.use(first)
    assert not tokens.use(first)
    assert not tokens.is_unused(first)
    assert tokens.use(second)


# --- names and origins ---

REBOUND = ["evil.test", "evil.test:{port}", "127.0.0.1.evil.test:{port}", "localhost.evil.test", ""]
FOREIGN_ORIGINS = [
    FOREIGN,
    "null",
    "http://localhost",
    "http://127.0.0.1:1",
    "https://127.0.0.1:{port}",
]


@pytest.mark.parametrize("host", REBOUND)
def test_a_foreign_name_that_leads_here_is_refused(
    user: httpx.Client, studio: StudioServer, host: str
) -> None:
    host = host.format(port=studio.address.port)
    answer = user.get("/api/info", headers={"host": host, "origin": f"http://{host}"})
    assert (answer.status_code, code_of(answer)) == (403, "wrong_host")
    answer = user.get("/login", headers={"host": host})
    assert answer.status_code == 403
    if host:
        assert handshake(studio, host=host, origin=f"http://{host}") == "wrong_host"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"])
def test_all_names_of_this_machine_are_known(
    user: httpx.Client, studio: StudioServer, host: str
) -> None:
    for port in (studio.address.port, 9000):  # 9000: an SSH tunnel
        assert user.get("/api/info", headers={"host": f"{host}:{port}"}).status_code == 200
        assert handshake(studio, host=f"{host}:{port}", origin=f"http://{host}:{port}") == ""


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_request_of_another_origin_is_refused(
    user: httpx.Client, studio: StudioServer, method: str, origin: str
) -> None:
    origin = origin.format(port=studio.address.port)
    answer = user.request(method, "/api/info", headers={"origin": origin})
    assert (answer.status_code, code_of(answer)) == (403, "foreign_origin")


def test_a_request_of_the_page_has_its_origin(user: httpx.Client, studio: StudioServer) -> None:
    assert code_of(user.post("/api/info")) == "foreign_origin"
    assert user.post("/api/info", headers={"origin": studio.url}).status_code == 405


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_websocket_of_another_origin_is_refused(studio: StudioServer, origin: str) -> None:
    origin = origin.format(port=studio.address.port)
    assert handshake(studio, origin=origin) == "foreign_origin"


def test_a_websocket_needs_the_origin_of_the_page_and_the_token(
    studio: StudioServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert handshake(studio) == "foreign_origin"
    assert handshake(studio, origin=studio.url, cookie="") == "no_token"
    assert handshake(studio, origin=studio.url, cookie="", authorization="Bearer no") == "no_token"
    assert handshake(studio, origin=studio.url) == ""
    assert caplog.records == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_another_site_caused_is_refused(
    user: httpx.Client, studio: StudioServer, site: str
) -> None:
    headers = {"sec-fetch-site": site}
    assert code_of(user.get("/api/info", headers=headers)) == "foreign_site"
    assert user.get("/", headers=headers).status_code == 403
    assert user.get(studio.login_url, headers=headers).status_code == 403
    assert handshake(studio, origin=studio.url, sec_fetch_site=site) == "foreign_site"
    for own in ("same-origin", "none"):
        assert user.get("/api/info", headers={"sec-fetch-site": own}).status_code == 200


def test_no_answer_allows_another_origin_to_read_it(
    user: httpx.Client, studio: StudioServer
) -> None:
    wish = {"origin": FOREIGN, "access-control-request-method": "PUT"}
    answers = [
        user.options("/api/info", headers=wish),
        user.get("/api/info", headers={"origin": FOREIGN}),
        user.get("/page/ui/main.js"),
    ]
    assert [name for a in answers for name in a.headers if name.startswith("access-control")] == []
    assert answers[0].status_code == 403


def test_the_page_works_behind_a_proxy_with_a_public_url() -> None:
    place = Place(public_url=PUBLIC)
    with StudioServer(Studio(StudioOptions()), place) as server:
        url = server.login_url
        assert url.startswith(f"{PUBLIC}/login?token=")
        query = url.partition("?")[2]
        for host in ("pose.example.org", f"127.0.0.1:{server.address.port}"):  # as proxies pass it
            with httpx.Client(base_url=server.url, headers={"host": host}) as client:
                query = server.login_url.partition("?")[2]
                cookie = client.get(f"/login?{query}").headers["set-cookie"]
                assert "; Secure" in cookie
                client.headers["cookie"] = cookie.partition(";")[0]
                assert client.get("/api/info").status_code == 200
                assert client.post("/api/info", headers={"origin": PUBLIC}).status_code == 405
                for origin in (FOREIGN, "http://pose.example.org:1", "https://example.org"):
                    answer = client.post("/api/info", headers={"origin": origin})
                    assert code_of(answer) == "foreign_origin"
            assert handshake(server, host=host, origin=PUBLIC) == ""
            assert handshake(server, host=host, origin=FOREIGN) == "foreign_origin"
        headers = {"host": "evil.test", "x-forwarded-host": "pose.example.org"}
        assert httpx.get(server.url, headers=headers).status_code == 403


def test_a_public_url_is_an_origin() -> None:
    assert public_origin("https://Pose.example.org:8443/") == "https://pose.example.org:8443"
    for wrong in (
        "pose.example.org",
        "ftp://a.example.org",
        f"{PUBLIC}/studio",
        f"{PUBLIC}?a",
        "https://",
    ):
        with pytest.raises(ValueError, match="without a path"):
            public_origin(wrong)


@pytest.mark.parametrize(
    "host", ["a@localhost", "localhost:", "localhost:x", "localhost/", "::1", "[::1"]
)
def test_a_malformed_host_is_unknown(host: str) -> None:
    assert not StudioAddress(host="localhost", port=1).is_known(host)


def test_names_of_the_network_are_known_only_with_lan() -> None:
    address = StudioAddress(host="localhost", port=1)
    assert not address.is_known("192.0.2.7:1")
    assert replace(address, names=("192.0.2.7",)).is_known("192.0.2.7:1")


# --- bodies, paths, headers ---


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_body_of_a_type_that_forms_can_send_is_refused(
    user: httpx.Client, studio: StudioServer, kind: str
) -> None:
    headers = {"origin": studio.url, "content-type": kind}
    answer = user.post("/api/jobs", content=b"{}", headers=headers)
    assert (answer.status_code, code_of(answer)) == (415, "wrong_type")


def test_a_large_body_is_refused(user: httpx.Client, studio: StudioServer) -> None:
    headers = {"origin": studio.url, "content-type": "application/json"}
    large = b" " * (64 * 1024 + 1)
    answer = user.post("/api/jobs", content=large, headers=headers)
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
    form = {**headers, "content-type": "application/x-www-form-urlencoded"}
    studio_cookies = dict(user.cookies)
    user.cookies.clear()
    answer = user.post("/login", content=iter([large]), headers=form)  # of unknown length
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
    user.cookies.update(studio_cookies)
    assert user.get("/api/info").status_code == 200


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_out_of_the_folder_of_the_page(studio: StudioServer, path: str) -> None:
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {studio.studio.token}\r\n\r\n"
    )
    answer = answer_to(studio, request.encode())
    assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
    assert b"secrets.token_urlsafe" not in answer


@pytest.mark.parametrize(
    "path",
    [
        "files/{}",
        "files/{}/media",
        "files/{}/frame/0.jpg",
        "jobs/{}",
        "jobs/{}/results",
        "folders/{}",
    ],
)
def test_no_request_names_a_file_of_the_server(user: httpx.Client, path: str) -> None:
    for name in ("%2fetc%2fpasswd", "..%2f..%2fetc%2fpasswd", "etc"):
        assert user.get(f"/api/{path.format(name)}").status_code == 404


def test_an_entry_of_a_folder_is_no_path(user: httpx.Client, studio: StudioServer) -> None:
    for entry in ({"folder": "/etc", "name": "passwd"}, {"folder": "", "name": "/etc/passwd"}):
        answer = user.post("/api/files", json=entry, headers={"origin": studio.url})
        assert (answer.status_code, code_of(answer)) == (404, "no_folder")


def test_files_of_the_page_have_strong_tags_and_their_own_types(user: httpx.Client) -> None:
    kinds = {
        "/": "text/html",
        "/page/ui/main.js": "text/javascript",
        "/page/icon.svg": "image/svg+xml",
    }
    for path, kind in kinds.items():
        answer = user.get(path)
        tag = answer.headers["etag"]
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["cache-control"] == "no-cache"
        assert tag.startswith('"')
        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again = user.get(path, headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b"")
        assert user.get(path, headers={"if-none-match": '"other"'}).content == answer.content


def test_every_answer_has_the_headers(
    user: httpx.Client, studio: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("a bug")

    origin = {"origin": studio.url}
    answers = {
        200: user.get("/"),
        303: user.get(studio.login_url),
        304: user.get("/", headers={"if-none-match": user.get("/").headers["etag"]}),
        401: httpx.get(studio.url),
        403: user.get("/", headers={"host": "evil.test"}),
        404: user.get("/api/nothing"),
        405: user.post("/api/info", headers=origin),
        415: user.post("/api/info", headers=origin, content=b"x"),
    }
    monkeypatch.setattr(info, "studio_info", fail)
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "disabled", True)
    answers[500] = user.get("/api/info")
    for status, answer in answers.items():
        assert answer.status_code == status
        assert set(HEADERS) <= set(answer.headers)
        assert "server" not in answer.headers
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'; script-src 'self' 'wasm-unsafe-eval';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-embedder-policy"] == "require-corp"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["permissions-policy"].startswith("camera=(self)")
    for answer in (answers[200], answers[404]):
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert code_of(answers[500]) == "bug"
    assert "content-security-policy" in answer_to(studio, b"no HTTP\r\n\r\n").decode()


def test_no_log_has_a_token_or_a_query(
    studio: StudioServer,
    user: httpx.Client,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.DEBUG):
        httpx.get(studio.login_url)
        user.get("/api/info?secret=1")
        handshake(studio, origin=studio.url)
        answer_to(studio, b"GET /login?token=secret\r\n\r\n")
    told = "".join(record.getMessage() for record in caplog.records if "httpx" not in record.name)
    out, err = capfd.readouterr()
    assert "token" not in told + out + err
    assert "secret" not in told + out + err


# --- in a browser ---

ATTACKS = """async (studio) => {
  const send = (path, options) =>
    fetch(studio + path, { mode: "no-cors", credentials: "include", ...options }).catch(() => null);
  const posted = await send("/api/jobs", { method: "POST", body: '{"file": "x", "options": {}}' });
  const read = await send("/api/info", {});
  await new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.onload = done;
    frame.src = studio;
    document.body.append(frame);
  });
  const code = await new Promise((done) => {
    const socket = new WebSocket(studio.replace("http", "ws") + "/api/live", "vitruvian.1");
    socket.onopen = () => done(0);
    socket.onclose = (event) => done(event.code);
  });
  return [posted, read, code];
}"""


@contextmanager
def foreign_site() -> Iterator[str]:
    """The URL of an empty page of another server of this machine, so of the same site."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>foreign</title><link rel=icon href=data:,>")

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.browser
def test_a_foreign_page_can_do_nothing_with_the_cookie_of_the_user(
    browser: Browser, studio: StudioServer
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(studio.login_url)
    page.wait_for_selector("html[data-state=ready]")
    answers: list[tuple[str, int]] = []
    with foreign_site() as url:
        foreign = context.new_page()
        foreign.on("response", lambda answer: answers.append((answer.url, answer.status)))
        foreign.goto(url)
        answers.clear()
        assert foreign.evaluate(ATTACKS, studio.url) == [None, None, 1006]
        assert {status for _, status in answers} == {403}
        assert (f"{studio.url}/", 403) in answers  # answers to fetch are hidden from the page
        foreign.evaluate("(url) => { location.href = url; }", studio.login_url)
        foreign.wait_for_url("**/login**")
        assert "comes from another site" in foreign.inner_text("[role=alert]")
    page.reload()
    page.wait_for_selector("html[data-state=ready]")
    context.close()


@pytest.mark.browser
def test_the_login_page_takes_a_url(browser: Browser, studio: StudioServer) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(studio.url)
    page.get_by_label("URL or token").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    assert "is not valid" in page.get_by_role("alert").inner_text()
    page.get_by_label("URL or token").fill(studio.login_url)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector("html[data-state=ready]")
    assert page.url == f"{studio.url}/"
    assert {text.partition("status of ")[2] for text in told} == {"401 (Unauthorized)"}
    context.close()


# --- slow and many clients ---


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + HALF,
    ],
    ids=["silent", "header", "body"],
)
def test_a_client_that_sends_slowly_is_cut_off(
    studio: StudioServer,
    user: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    begin: bytes,
) -> None:
    monkeypatch.setattr(connections, "HEADER_S", SHORT_S)
    with opened(studio) as sock:
        sock.sendall(begin)
        sock.settimeout(SHORT_S / 10)
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until:
            try:
                if begin:
                    sock.sendall(b"x")  # a byte at a time
                if sock.recv(65536) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("the connection is still open")
    assert user.get("/").status_code == 200
    wait_until(lambda: not studio._server.server_state.tasks)
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_an_upload_may_be_slow_but_not_stand_still(
    studio: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_S", SHORT_S)
    monkeypatch.setattr(connections, "IDLE_S", 2 * SHORT_S)
    request = (
        "PUT /api/files?name=x.mp4 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        f"Authorization: Bearer {studio.studio.token}\r\n\r\n"
    )
    with opened(studio) as sock:
        sock.sendall(request.encode())
        sock.settimeout(SHORT_S / 3)
        for _ in range(9):  # longer than both limits together
            sock.sendall(b"x")
            with pytest.raises(TimeoutError):
                sock.recv(1)
        sock.settimeout(LIMIT_S)
        assert is_closed(sock)
    wait_until(lambda: not list(studio.studio.folder.iterdir()))  # what it has sent is removed


def test_the_rest_of_a_refused_upload_is_read_for_a_moment_only(
    studio: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LINGER_S", SHORT_S)
    with opened(studio) as sock:
        sock.sendall(
            b"PUT /api/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"
        )
        until = time.monotonic() + LIMIT_S
        with pytest.raises(ConnectionError):  # noqa: PT012 - when, is not known
            while time.monotonic() < until:
                sock.sendall(bytes(100_000))


def test_an_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vitruvian.studio.server.IDLE_S", SHORT_S)
    with StudioServer(Studio(StudioOptions())) as server, opened(server) as sock:
        sock.sendall(b"GET /api/info HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 401")
        assert is_closed(sock)


def test_many_idle_connections_do_not_keep_a_user_out(
    studio: StudioServer, user: httpx.Client
) -> None:
    n_extra = 10
    with ExitStack() as stack:
        socks = [
            stack.enter_context(opened(studio))
            for _ in range(connections.MAX_CONNECTIONS + n_extra)
        ]
        for sock in socks[1::2]:
            try:
                sock.sendall(HALF)
            except OSError:
                continue
        for _ in range(3):
            with httpx.Client(base_url=studio.url, cookies=user.cookies) as client:
                assert client.get("/").status_code == 200
        assert [is_closed(sock) for sock in socks[:n_extra]] == [True] * n_extra
        assert len(studio._server.server_state.connections) <= connections.MAX_CONNECTIONS


def test_the_server_still_works_and_has_kept_nothing(
    studio: StudioServer, user: httpx.Client
) -> None:
    assert user.get("/").status_code == 200
    assert handshake(studio, origin=studio.url) == ""
    assert list(studio.studio.folder.iterdir()) == []

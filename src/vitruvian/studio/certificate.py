"""Certificate: what HTTPS needs, from files or signed by this machine itself."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import os
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import platformdirs

from vitruvian.errors import VitruvianError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography import x509

__all__ = ["Certificate", "lan_certificate", "load_certificate"]

VALID_DAYS = 397  # the most that browsers accept
_RENEW_DAYS = 7
_FILE = "studio-certificate.pem"  # certificate and key


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its private key.

    Attributes
    ----------
    path : Path
        PEM file of the certificate, and of the intermediate ones if there are any.
    key : Path
        PEM file of the key.
    sha256 : str
        Digest of the certificate as browsers show it: ``"AB:01:…"``.
    """

    path: Path
    key: Path
    sha256: str

    def context(self) -> ssl.SSLContext:
        """Return the settings of a server with this certificate."""
        return _context(self.path, self.key)


def load_certificate(path: Path, key: Path | None = None) -> Certificate:
    """Return the certificate of a PEM file.

    Parameters
    ----------
    path : Path
    key : Path, optional
        PEM file of the private key; by default it is in the same file.

    Raises
    ------
    VitruvianError
        If a file can't be read, or the key does not belong to the certificate.
    """
    key = key or path
    try:
        _context(path, key)
        blocks = path.read_text(encoding="ascii", errors="replace")
        first = blocks[blocks.index(ssl.PEM_HEADER) : blocks.index(ssl.PEM_FOOTER)]
        der = ssl.PEM_cert_to_DER_cert(first + ssl.PEM_FOOTER)
    except (OSError, ValueError) as err:  # an SSLError is an OSError
        reason = getattr(err, "reason", None) or getattr(err, "strerror", None) or err
        where = f"{str(path)!r}" if key == path else f"{str(path)!r} and {str(key)!r}"
        raise VitruvianError(f"no certificate with its key in {where}: {reason}") from err
    digest = hashlib.sha256(der).hexdigest().upper()
    return Certificate(path, key, ":".join(digest[i : i + 2] for i in range(0, 64, 2)))


def lan_certificate(names: Sequence[str], *, folder: Path | None = None) -> Certificate:
    """Return a certificate for some names, signed by itself.

    It is kept in the user's configuration folder, readable by the user only, and used again until
    it expires or lacks a name.

    Parameters
    ----------
    names : sequence of str
        Host names and IP addresses.
    folder : Path, optional
        Where it is kept.
    """
    path = (folder or platformdirs.user_config_path("vitruvian")) / _FILE
    if not _is_usable(path, names):
        _write_secret(path, _new_certificate(names))
    return load_certificate(path)


def _context(path: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # An empty password makes a key with a password an error instead of a question.
    context.load_cert_chain(path, key, password="")
    return context


def _is_usable(path: Path, names: Sequence[str]) -> bool:
    """Return whether a certificate is there, private, valid for a week and for all names."""
    from cryptography import x509

    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            return False
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        _context(path, path)
        known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    until = certificate.not_valid_after_utc - datetime.timedelta(days=_RENEW_DAYS)
    return set(_alternative_names(names)) <= set(known) and _now() < until


def _new_certificate(names: Sequence[str]) -> bytes:
    """Return a certificate and its key as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vitruvian studio")])
    start = _now() - datetime.timedelta(hours=1)  # clocks of phones differ
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(_alternative_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _alternative_names(names: Sequence[str]) -> list[x509.GeneralName]:
    from cryptography import x509

    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _write_secret(path: Path, content: bytes) -> None:
    """Write a file that only the user can read, at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)

"""A real SMTP server that keeps what it is sent, with TLS and login where a test asks for them."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "sluice", "correct horse"


class Sink:
    """Keeps messages; answers with `refusals` first, a line a message, for as long as there are some."""

    def __init__(self, refusals: list[str] | None = None) -> None:
        self.messages: list[EmailMessage] = []
        self.logins: list[str] = []
        self.was_encrypted: list[bool] = []
        self.refusals = refusals or []
        self.port = 0  # where it listens, once it does

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        if self.refusals:
            return self.refusals.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        transport = server.transport
        self.was_encrypted.append(transport is not None and transport.get_extra_info("ssl_object") is not None)
        return "250 kept"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=data == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)


def controller(sink: Sink, certificate: Path | None = None, *, tls: str = "none", login: bool = False) -> Controller:
    """A server on a free port of this machine, not yet started."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    options: dict[str, Any] = {}
    if login:
        options = {"auth_required": True, "authenticator": sink.authenticate, "auth_require_tls": True}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if tls == "ssl":
        options |= {"auth_require_tls": False, "ssl_context": context}
    return Controller(sink, hostname="127.0.0.1", port=free_port(), **options)


@contextmanager
def receiving() -> Iterator[Sink]:
    """A server without TLS and login, for as long as the block goes on."""
    sink = Sink()
    server = controller(sink)
    sink.port = server.port
    server.start()
    try:
        yield sink
    finally:
        server.stop()


def free_port() -> int:
    """A port of this machine where nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


def make_certificate(path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(pem) + private)
    return path

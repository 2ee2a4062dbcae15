"""Servers of files: a small one of plain HTTP and as much of S3 as reading takes, and moto's of all of S3."""

from __future__ import annotations

import http.server
import socket
import subprocess
import sys
import threading
import time
from collections import UserDict
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from email.utils import formatdate
from hashlib import md5
from urllib.parse import parse_qs, quote, unquote, urlsplit
from urllib.request import Request, urlopen
from xml.sax.saxutils import escape

Files = MutableMapping[str, bytes]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: Files
    key_id: str

    def do_GET(self) -> None:
        if f"Credential={self.key_id}/" not in self.headers.get("Authorization", f"Credential={self.key_id}/"):
            self._answer(403, b"<Error><Code>InvalidAccessKeyId</Code></Error>", "application/xml")
            return
        address = urlsplit(self.path)
        path = unquote(address.path).strip("/")
        query = parse_qs(address.query)
        if "list-type" in query:
            self._answer(200, self._listing(path, query), "application/xml")
        elif path in self.files:
            self._file(self.files[path])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", "application/xml")

    do_HEAD = do_GET  # noqa: N815 - the name http.server calls

    def _file(self, content: bytes) -> None:
        asked = self.headers.get("Range")
        if asked is None:
            self._answer(200, content)
            return
        first, last = asked.removeprefix("bytes=").split("-")
        part = content[int(first) : int(last or len(content)) + 1]
        self._answer(206, part, **{"Content-Range": f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"})

    def _listing(self, bucket: str, query: dict[str, list[str]]) -> bytes:
        prefix, delimiter = query.get("prefix", [""])[0], query.get("delimiter", [""])[0]
        keys = sorted(path.removeprefix(f"{bucket}/") for path in self.files if path.startswith(f"{bucket}/{prefix}"))
        plain = [key for key in keys if not delimiter or delimiter not in key[len(prefix) :]]
        common = {prefix + key[len(prefix) :].split("/")[0] + "/" for key in keys if key not in plain}
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.files[f'{bucket}/{key}'])}</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>x</ETag></Contents>"
            for key in plain
        ) + "".join(f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in sorted(common))
        return f"<ListBucketResult><KeyCount>{len(keys)}</KeyCount>{found}</ListBucketResult>".encode()

    def _answer(self, status: int, body: bytes, kind: str = "application/octet-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{md5(body).hexdigest()}"')
        self.send_header("Last-Modified", formatdate(usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def file_server(files: Files) -> Iterator[str]:
    """Serve some files by path; the dict may be changed meanwhile. Gives the address.

    Who asks by S3 must do so with the key `test`.
    """
    handler = type("Handler", (_Handler,), {"files": files, "key_id": "test"})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


_UNCHECKED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


class _Mirrored(UserDict[str, bytes]):
    """Files that are on an S3 server as well."""

    def __init__(self, address: str, files: Files) -> None:
        self._address = address
        for bucket in {path.partition("/")[0] for path in files}:
            self._send("PUT", bucket, b"")
        super().__init__(files)

    def _send(self, method: str, path: str, content: bytes | None = None) -> None:
        headers = {"Content-Type": "application/octet-stream", "Authorization": _UNCHECKED}
        urlopen(Request(f"{self._address}/{quote(path)}", content, headers, method=method), timeout=10).close()

    def __setitem__(self, path: str, content: bytes) -> None:
        self._send("PUT", path, content)
        super().__setitem__(path, content)

    def __delitem__(self, path: str) -> None:
        self._send("DELETE", path)
        super().__delitem__(path)


@contextmanager
def moto_server(files: Files) -> Iterator[tuple[str, Files]]:
    """A whole S3 server, moto's, with some files; they may be changed meanwhile. Gives the address, and the files."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            address = f"http://127.0.0.1:{port}"
            yield address, _Mirrored(address, files)
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError("the server did not come up")

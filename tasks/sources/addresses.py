"""Addresses of sources: local paths, `file://`, and everything fsspec knows (`s3://`, `http://` ...)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from expectations.errors import UsageError

_CONNECT_SECONDS = 20
_SILENCE_SECONDS = 60
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


def is_remote(uri: str) -> bool:
    """Whether fsspec has to fetch it."""
    match = _SCHEME.match(uri)
    return match is not None and match[1].lower() != "file"


def is_http(uri: str) -> bool:
    """Whether it is a web address, where `?` and `*` are letters and there are no folders."""
    return uri.lower().startswith(("http://", "https://"))


def local_path(uri: str) -> str:
    """The path of a local address."""
    path = uri[len("file://") :] if uri.lower().startswith("file://") else uri
    return str(Path(path).expanduser())


def filesystem(uri: str) -> tuple[Any, str]:
    """The fsspec filesystem of a remote address, and the path within it.

    Raises:
        UsageError: fsspec does not know the scheme, or a package is missing that it needs for it.
    """
    import fsspec  # noqa: PLC0415 - most inputs are local

    options: dict[str, Any] = {"client_kwargs": {"timeout": _http_timeout()}} if is_http(uri) else {}
    scheme = uri.partition("://")[0].lower()
    try:
        remote, path = fsspec.core.url_to_fs(uri, **options)
    except ImportError as error:
        raise UsageError(f"{uri}: a package for {scheme}:// is not installed: {error}") from None
    except ValueError as error:
        raise UsageError(f"{uri}: there is no way to read {scheme}:// addresses: {error}") from None
    remote.invalidate_cache()  # it remembers listings for good, and files come and change while a process lives
    return remote, path


def _http_timeout() -> Any:
    """Patient with a large file, not with a server that says nothing."""
    from aiohttp import ClientTimeout  # noqa: PLC0415 - as above

    return ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS)


def split_member(uri: str) -> tuple[str, str | None]:
    """The archive's address and the member's name; the name is None where the address is a file of its own.

    A file may have an exclamation mark in its own name: what exists as a whole is not split.
    """
    if "!" not in uri or _exists(uri):
        return uri, None
    places = [match.start() for match in re.finditer("!", uri)]
    for place in places:
        if _exists(uri[:place]):
            return uri[:place], uri[place + 1 :]
    return uri, None


def _exists(uri: str) -> bool:
    if not is_remote(uri):
        return Path(local_path(uri)).exists()
    remote, path = filesystem(uri)
    try:
        return bool(remote.exists(path))
    except Exception:  # noqa: BLE001 - whoever opens or lists it next is told what is wrong
        return False

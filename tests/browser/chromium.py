"""A real Chromium, driven by its own DevTools protocol: no driver, no browser of a test library."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from websockets.sync.client import connect
from websockets.sync.connection import Connection

CHROMIUM = next((found for name in ("/usr/bin/chromium", "chromium") if (found := shutil.which(name))), None)
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
)  # fmt: skip
_START_SECONDS = 60.0
_LOADED = "new Promise(done => document.readyState == 'complete' ? done() : addEventListener('load', done))"


class Page:
    """One page: what it shows, what it asked for and what it complained of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last_id = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command; what happens until its answer is noted."""
        self._last_id += 1
        self._connection.send(json.dumps({"id": self._last_id, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=60))
            if message.get("id") == self._last_id:
                assert "error" not in message, message["error"]
                return dict(message["result"])
            self._note(message)

    def show(self, path: Path, *, width: int, height: int = 900, scheme: str = "light", media: str = "screen") -> None:
        """Load a file at a width in CSS pixels and wait until it is drawn."""
        self.requests.clear()
        self.complaints.clear()
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **screen)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)
        self.call("Page.navigate", url=path.as_uri())
        self.evaluate(_LOADED)

    def visit(self, address: str) -> None:
        """Go to an address; what it shows is up to its scripts, see `wait_for_words`."""
        self.call("Emulation.setDeviceMetricsOverride", width=1400, height=1600, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url=address)

    def wait_for_words(self, words: Sequence[str], seconds: float = 60) -> None:
        """Wait until all of the words can be read."""
        limit = time.monotonic() + seconds
        while missing := [word for word in words if word not in self.evaluate("document.body?.innerText ?? ''")]:
            assert time.monotonic() < limit, f"{missing} not in\n{self.evaluate('document.body.innerText')}"
            time.sleep(0.2)

    def click(self, words: str) -> None:
        """Click the innermost element that shows just these words."""
        texts = "[...document.querySelectorAll('body *')].filter(one => one.innerText?.trim() == WORDS)"
        self.evaluate(f"{texts.replace('WORDS', json.dumps(words))}.at(-1).click()")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; promises are awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def screenshot(self, path: Path) -> None:
        """A picture of what is visible."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case "Log.entryAdded":
                self.complaints.append(parameters["entry"]["text"])
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Page.javascriptDialogOpening":
                self.complaints.append(json.dumps(parameters))


@contextmanager
def open_page() -> Iterator[Page]:
    """Start Chromium with an empty profile, and end it."""
    assert CHROMIUM is not None
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with connect(_page_address(Path(profile)), max_size=None) as connection:
                yield Page(connection)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _page_address(profile: Path) -> str:
    port_file = profile / "DevToolsActivePort"
    deadline = time.monotonic() + _START_SECONDS
    while not (port_file.is_file() and "\n" in port_file.read_text()):
        assert time.monotonic() < deadline, "Chromium did not start"
        time.sleep(0.05)
    port, browser = port_file.read_text().split("\n")[:2]
    with connect(f"ws://127.0.0.1:{port}{browser}") as connection:
        connection.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
        targets = json.loads(connection.recv(timeout=60))["result"]["targetInfos"]
    page = next(target["targetId"] for target in targets if target["type"] == "page")
    return f"ws://127.0.0.1:{port}/devtools/page/{page}"

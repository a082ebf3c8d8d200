"""A thin driver of a headless Chromium: commands of its DevTools protocol through two pipes.

Nothing is to install beside the browser. A page is opened from its file; what it asked for, what it
complained of and what it looks like is told.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)

START = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 100) for end in sys.argv[1:3]]
os.dup2(ends[0], 3), os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads commands from descriptor 3 and answers on 4."""


def find_chromium():
    """Path of a browser, or None; the environment variable CRMKIT_CHROMIUM decides."""
    named = os.environ.get("CRMKIT_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


def why_not():
    """Why no browser can be driven here; "" where one can."""
    if sys.platform == "win32":
        return "the pipes of the browser's protocol need POSIX file descriptors"
    if find_chromium() is None:
        return f"no browser found: none of {', '.join(NAMES)} is on the path"
    return ""


class Chromium:
    """One page of one browser."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.number, self.rest, self.events, self.session = 0, b"", [], None

    def call(self, method, **parameters):
        """Send a command; its answer comes back, events are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next_message()
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.events.append(answer)

    def next_message(self):
        """Read one message of the browser."""
        while b"\0" not in self.rest:
            read = os.read(self.reader, 1 << 16)
            if not read:
                raise ConnectionError("the browser has gone")
            self.rest += read
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def until(self, method):
        """Wait for an event; it is kept."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.next_message())

    def told(self, *methods):
        """Parameters of the events of these names, so far."""
        return [event["params"] for event in self.events if event.get("method") in methods]

    def attach(self):
        """Make a page and listen to its console, its faults and its requests."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        made = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = made["sessionId"]
        for part in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{part}.enable")

    def look(self, width, height=900, *, dark=False, media="", mobile=False, still=False):
        """Set the size of the window, the colours that the reader wishes, and the medium."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=mobile,
        )  # fmt: skip
        wishes = {
            "prefers-color-scheme": "dark" if dark else "light",
            "prefers-reduced-motion": "reduce" if still else "no-preference",
        }
        features = [{"name": name, "value": value} for name, value in wishes.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def open(self, path):
        """Open a file; what it logs and asks for is told anew."""
        self.events.clear()
        self.call("Page.navigate", url=Path(path).resolve().as_uri())
        self.until("Page.loadEventFired")

    def run(self, expression):
        """Value of a JavaScript expression on the page; promises are waited for."""
        made = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in made, made
        return made["result"].get("value")

    def press(self, key, code, text=""):
        """Press and release a key."""
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind, key=key, windowsVirtualKeyCode=code, **({"text": text} if text else {}),
            )  # fmt: skip

    def shot(self, **options):
        """What the page looks like, as bytes of a PNG."""
        made = self.call("Page.captureScreenshot", format="png", **options)
        return base64.b64decode(made["data"])

    def pdf(self, **options):
        """Print the page; bytes of the PDF."""
        made = self.call("Page.printToPDF", preferCSSPageSize=True, **options)
        return base64.b64decode(made["data"])


@contextmanager
def chromium():
    """Give a `Chromium` with an empty profile of its own; it ends with the block."""
    to_browser, ours_out = os.pipe()
    ours_in, from_browser = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [find_chromium(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(to_browser), str(from_browser), *command],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        browser = Chromium(ours_in, ours_out)
        try:
            browser.attach()
            yield browser
            browser.session = None
            browser.call("Browser.close")
        finally:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(ours_in)
            os.close(ours_out)

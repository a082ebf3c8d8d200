"""One process at a time in a folder: a file that the system locks for as long as its holder lives.

The lock goes with the process, however it ends: nothing is left to be cleaned after a crash. Who
holds it stands in the file, for the message to whoever comes second.
"""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from crmkit.exceptions import DataError

OWNER = "DailyScoring"
LOCK = ".lock"


@contextlib.contextmanager
def held(folder: Path | None) -> Iterator[None]:
    """Hold a folder, or refuse where another process does; without a folder there is no other."""
    if folder is None:
        yield
        return
    path = folder / LOCK
    handle = taken(path)
    if handle is None:
        raise DataError(
            f"{OWNER}: another run is at work in {str(folder)!r} ({holder_of(path)}). Wait for its "
            "end, or end that process; start the next night only after the last."
        )
    try:
        os.ftruncate(handle, 0)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        os.write(handle, f"process {os.getpid()} on {socket.gethostname()}, since {since}".encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


def taken(path: Path) -> int | None:
    """Handle of a locked file; None where another process holds it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            lock(handle)
            if is_still(handle, path):
                return handle
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its last holder removed it just now: take a new one


def is_still(handle: int, path: Path) -> bool:
    """Whether a path still names the file of a handle."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), os.stat(path))
    return False


def lock(handle: int) -> None:
    """Lock a file, or raise BlockingIOError."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def holder_of(path: Path) -> str:
    """Who wrote himself into a lock."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return path.read_text("utf-8") or "it has only begun"
    return "it cannot be read"

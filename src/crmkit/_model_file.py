"""The file of a model: a zip of manifest.json and model.skops, written whole or not at all."""

import contextlib
import glob
import hashlib
import json
import os
import secrets
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from crmkit.exceptions import ModelFileError

Manifest = dict[str, Any]

FORMAT = 1
MANIFEST, MODEL = "manifest.json", "model.skops"
LARGEST_MANIFEST = 10_000_000  # bytes
SMALL, MOST_PACKED = 64_000_000, 100  # bytes of memory for any file; more, so many times its size
LONGEST_WRITE = 3600.0  # seconds after which a file that was begun is nobody's any more
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    MemoryError,
    RuntimeError,
    ValueError,
)


def write_model_file(path: Path, manifest: Manifest, model: bytes) -> None:
    """Write a model beside its place and move it there: who stops in between harms no old file."""
    told = manifest | {"format": FORMAT, "bytes": len(model), "sha256": _digest(model)}

    def write(file: IO[bytes]) -> None:
        _write_zip(file, told, model, zipfile.ZIP_DEFLATED)
        if len(model) > most_bytes(file.tell()):  # read as it stands it would be taken for a bomb
            file.seek(0)
            file.truncate()
            _write_zip(file, told, model, zipfile.ZIP_STORED)

    write_whole(path, write)


def _write_zip(file: IO[bytes], told: Manifest, model: bytes, how: int) -> None:
    with zipfile.ZipFile(file, "w", how, compresslevel=1) as archive:
        archive.writestr(MANIFEST, json.dumps(told, indent=2, ensure_ascii=False))
        archive.writestr(MODEL, model)


def most_bytes(n: int) -> int:
    """Bytes of memory that a model in a file of so many bytes may take."""
    return max(SMALL, MOST_PACKED * n)


def write_whole(path: Path, write: Callable[[IO[bytes]], Any], *, is_private: bool = False) -> None:
    """Let `write` fill a file beside its place and move it there, whole or not at all.

    A private one is for the eyes of its owner; another may be read by whoever might read the file
    that was there. What killed writers left beside it is removed.
    """
    folder = path.parent
    sweep(path)
    name = folder / f".{path.name}.{secrets.token_hex(8)}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    mode = 0o600 if is_private else _mode(path)
    handle = os.open(name, flags, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    _settle(folder)


def sweep(path: Path, *, age: float = LONGEST_WRITE) -> None:
    """Remove the files that killed writers of a path left beside it, older than so many seconds."""
    oldest = time.time() - age
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):
            if left.stat().st_mtime <= oldest:
                left.unlink()


def read_manifest_of(path: Path, owner: str) -> Manifest:
    """Manifest of a model's file, its format checked."""
    with _opened(path, owner) as archive:
        return _manifest(archive, path, owner)


def read_model_file(path: Path, owner: str) -> tuple[Manifest, bytes, int]:
    """Manifest, bytes of a model and the most it may take; refuses a damaged or a newer file."""
    with _opened(path, owner) as archive:
        manifest = _manifest(archive, path, owner)
        size, most = archive.getinfo(MODEL).file_size, most_bytes(path.stat().st_size)
        if size != manifest.get("bytes"):
            raise _damaged(path, owner, "the model is longer or shorter than the manifest says")
        if size > most:
            raise _damaged(path, owner, f"the model would take {size:,} bytes, more than it can")
        try:
            model = _read(archive, MODEL, size)
        except UNREADABLE as error:
            raise _damaged(path, owner, str(error)) from error
    if _digest(model) != manifest.get("sha256"):
        raise _damaged(path, owner, "the model is not the one that the manifest was written for")
    return manifest, model, most


def _read(archive: zipfile.ZipFile, name: str, size: int) -> bytes:
    """A part of a file, unpacked no further than it says it is long."""
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} is packed in a way that save does not use")
    with archive.open(name) as part:
        return part.read(size + 1)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _opened(path: Path, owner: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise ModelFileError(f"{owner}: there is no file {str(path)!r}.") from None
    except UNREADABLE as error:
        size = path.stat().st_size if path.is_file() else 0
        raise ModelFileError(
            f"{owner}: {str(path)!r} ({size:,} bytes) is no model of crmkit.io.save, or its end is "
            f"missing: {error}. Copy it again, or save the model again."
        ) from error


def _manifest(archive: zipfile.ZipFile, path: Path, owner: str) -> Manifest:
    names = set(archive.namelist())
    if not {MANIFEST, MODEL} <= names:
        lacking = sorted({MANIFEST, MODEL} - names)
        raise ModelFileError(
            f"{owner}: {str(path)!r} is a zip without {' and '.join(lacking)}: no model of "
            "crmkit.io.save. A file of skops.io.dump is read by skops.io.load."
        )
    size = archive.getinfo(MANIFEST).file_size
    if size > LARGEST_MANIFEST:
        raise _damaged(path, owner, "its manifest is too long")
    try:
        manifest = json.loads(_read(archive, MANIFEST, size), parse_constant=_no_number)
    except UNREADABLE as error:
        raise _damaged(path, owner, f"its manifest cannot be read ({error})") from error
    if not isinstance(manifest, dict) or type(manifest.get("format")) is not int:
        raise _damaged(path, owner, "its manifest names no format")
    if manifest["format"] < 1 or not isinstance(manifest.get("versions", {}), dict):
        raise _damaged(path, owner, "its manifest is not as save writes it")
    if manifest["format"] > FORMAT:
        version = manifest.get("versions", {}).get("crmkit", "of a later version")
        raise ModelFileError(
            f"{owner}: {str(path)!r} has format {manifest['format']}, written by crmkit {version}; "
            f"this crmkit reads formats up to {FORMAT}. Update it: pip install -U crmkit."
        )
    return manifest


def _damaged(path: Path, owner: str, why: str) -> ModelFileError:
    return ModelFileError(
        f"{owner}: {str(path)!r} is damaged: {why}. Copy it again, or save the model again."
    )


def _digest(model: bytes) -> str:
    return hashlib.sha256(model).hexdigest()


def _mode(path: Path) -> int | None:
    """Who may read and write the file that is there; None where there is none."""
    try:
        found = path.stat().st_mode
    except OSError:
        return None
    return stat.S_IMODE(found) & 0o666 if stat.S_ISREG(found) else None


def _settle(folder: Path) -> None:
    """Write the new name to the disk, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

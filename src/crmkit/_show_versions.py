"""What is installed here, for a report of a fault."""

import os
import platform
import re
from importlib import metadata

MISSING = "not installed"


def show_versions() -> None:
    """Print what a fault may depend on: nothing in; versions, extras, threads and system printed.

    Put it into the report of a fault. It names no file, no user and no data.

    Examples
    --------
    >>> import crmkit as ck
    >>> ck.show_versions()  # doctest: +ELLIPSIS
    crmkit : ...
    """
    parts = [_crmkit(), _system(), *_packages(), _threads()]
    print("\n\n".join(parts))  # noqa: T201


def _crmkit() -> str:
    return _lines({"crmkit": _version("crmkit"), "python": platform.python_version()})


def _system() -> str:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    told = {"system": platform.platform(), "machine": platform.machine(), "processors": str(usable)}
    return f"System\n{_lines(told)}"


def _packages() -> list[str]:
    """Dependencies, and below each extra the packages that it brings."""
    found: dict[str, dict[str, str]] = {}
    for requirement in _requirements():
        name = re.split(r"[^\w.-]", requirement)[0]
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", requirement)
        where = "Dependencies" if extra is None else f"Extra {extra.group(1)}"
        if name != "crmkit" and where not in ("Extra test", "Extra all", "Extra demo"):
            found.setdefault(where, {})[name] = _version(name)
    return [f"{where}\n{_lines(told)}" for where, told in found.items()]


def _threads() -> str:
    """Libraries that compute in several threads, and in how many."""
    import numpy  # noqa: F401  loads its library of linear algebra
    from threadpoolctl import threadpool_info

    told = {
        f"{pool['internal_api']} ({pool['user_api']})": f"{pool['num_threads']} threads, "
        f"version {pool['version']}"
        for pool in threadpool_info()
    }
    return f"Threads\n{_lines(told)}"


def _requirements() -> list[str]:
    try:
        return metadata.requires("crmkit") or []
    except metadata.PackageNotFoundError:  # a copy that was never installed
        return []


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return MISSING


def _lines(told: dict[str, str]) -> str:
    width = max((len(name) for name in told), default=0)
    return "\n".join(f"{name:<{width}} : {value}" for name, value in told.items())

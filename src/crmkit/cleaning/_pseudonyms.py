"""Keyed pseudonyms of ids: HMAC-SHA256 (RFC 2104) of the id as text, in letters and digits.

A pseudonym is ``base32(HMAC-SHA256(key, purpose + NUL + id))`` in small letters, cut to a length:
any system that knows the key can make the same ones.
"""

import base64
import hmac
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.events import EventLog
from crmkit.exceptions import DataError

OWNER = "pseudonymize"
SHORTEST_KEY, FEWEST_SIGNS = 16, 5
SHORTEST, LONGEST = 10, 51  # letters; each holds 5 bits
SURE = 2**53  # from here on two whole numbers can be one float
SURE_OF_SHORT = {"float32": 2**24, "float": 2**24, "float16": 2**11, "halffloat": 2**11}


def pseudonymize(
    frame: Any,
    columns: str | Iterable[str] | None = None,
    *,
    key: bytes | str,
    purpose: str = "",
    length: int = 16,
) -> Any:
    """Replace ids by keyed pseudonyms: a frame or an event log in, the same with other ids out.

    Use it before data leave the people who may see them. One id has one pseudonym wherever it
    stands, in whatever library and run, as long as key and purpose are the same: tables still
    join. Without the key nobody can tell the ids, not even by trying all of them.

    Parameters
    ----------
    frame : frame or EventLog
        pandas, polars (eager or lazy), pyarrow or duckdb; of an event log the customers change.
    columns : str or list of str, default=None
        Columns of ids: text, whole numbers or UUIDs. None is the customers of an event log.
    key : bytes or str
        The secret, at least 16 bytes, such as ``secrets.token_bytes(32)``. Keep it apart from the
        data: who has both has the ids. When it is lost, no new data can be joined to the old.
    purpose : str, default=""
        What the pseudonyms are for, such as the name of who gets them, without NUL characters.
        Those of two purposes cannot be joined without the key.
    length : int, default=16
        Letters of a pseudonym, from 10 to 51; see Notes.

    Returns
    -------
    frame or EventLog
        As given, with text in the named columns; missing ids stay missing, and so are blank ones
        (in an event log they stay blank). The input is unchanged.

    Raises
    ------
    DataError
        If the key is short or hardly varied, no column is named, one is missing or holds no ids,
        floats are so large that two ids may be one, or two ids of a column would have one
        pseudonym.

    Notes
    -----
    *What this does not protect from.* The data are still personal: whoever has the key can tell
    every id, and the other columns may tell people without it (a birth date and a postcode are
    often enough, and so is an unusual purchase). How often an id occurs stays visible, and equal
    ids stay equal. Names in free text stay as they are. These are pseudonyms, and the law treats
    the data as it treats the ids.

    *Which ids are the same.* The whole number 12, the text "12" and the float 12.0 (pandas makes
    floats of whole numbers beside gaps) are one id; floats from 2**53 on (2**24 of 32 bits) are
    refused, as two ids may have become one. Blanks around a text and the Unicode form (composed
    or not) play no part; capitals and leading zeros do: "012" is not 12. Words such as "N/A" are
    ids like others. Bring e-mail addresses to one form first (`RecordNormalizer`).

    *How long.* A letter holds 5 bits. Among n ids the probability that any two share a pseudonym
    of L letters is about ``n ** 2 / 2 ** (5 * L + 1)``: with 16 letters 4e-13 for a million ids
    and 4e-7 for a billion, with 10 letters 4e-4 for a million. If it happens in a column, an error
    says so.

    Examples
    --------
    >>> import pandas as pd
    >>> orders = pd.DataFrame({"customer_id": [12, 7, 12], "amount": [5.0, 8.0, 2.0]})
    >>> pseudonymize(orders, "customer_id", key="a secret of many letters")
            customer_id  amount
    0  tidvxwtle3ri43wp     5.0
    1  5ovmy3qxbtndha6g     8.0
    2  tidvxwtle3ri43wp     2.0
    """
    secret = _checked_key(key)
    if not isinstance(purpose, str):
        raise DataError(f"{OWNER}: purpose must be text, got {purpose!r}.")
    if "\0" in purpose:  # it parts the purpose from the id
        raise DataError(f"{OWNER}: purpose must hold no NUL character, got {purpose!r}.")
    check_whole(length, "length", OWNER, low=SHORTEST)
    if length > LONGEST:
        raise DataError(f"{OWNER}: length must be at most {LONGEST}, got {length!r}.")
    opening = purpose.encode() + b"\0"
    if isinstance(frame, EventLog):
        return _of_log(frame, columns, secret, opening, length)
    wanted = [columns] if isinstance(columns, str) else list(columns or ())
    if not wanted:
        raise DataError(f"{OWNER}: columns= names no column. Name the columns of ids.")
    table: Any = _frames.to_eager(frame)
    new: dict[str, Any] = {}
    for raw in _frames.coded_columns(table, wanted, OWNER):
        sure = _sure_below(table[raw.name])
        texts = [_id_text(value, raw.name, sure) for value in raw.values]
        names = np.array([*_pseudonyms(texts, raw.name, secret, opening, length), None], object)
        new[raw.name] = names[raw.codes]
    made = _frames.write_columns(table, new, OWNER, text=tuple(new))
    keep = [name for name in _frames.column_names(table, OWNER) if name not in new]
    return _frames.hand_back(made, like=frame, keep=keep)


def _of_log(log: EventLog, columns: Any, secret: bytes, opening: bytes, length: int) -> EventLog:
    """The log with pseudonyms for its customers."""
    if columns not in (None, log.customer, [log.customer], (log.customer,)):
        raise DataError(
            f"{OWNER}: of an event log the customers change ({log.customer!r}), got columns="
            f"{columns!r}. Give its frame for other columns."
        )

    def change(old: npt.NDArray[Any]) -> npt.NDArray[Any]:
        texts = [_id_text(value, log.customer) for value in old.tolist()]
        made = _pseudonyms(texts, log.customer, secret, opening, length)
        return np.array([name or "" for name in made], dtype=str)

    return replace(log, data=_frames.change_ids(log.data, log.customer, change, OWNER))


def _pseudonyms(
    texts: list[str], name: str, secret: bytes, opening: bytes, length: int
) -> list[str | None]:
    """Pseudonym of each text, None of an empty one; two texts never share one."""
    made = [_pseudonym(text, secret, opening, length) if text else None for text in texts]
    if len(set(made)) < len(set(texts)):
        raise DataError(
            f"{OWNER}: two ids of {name!r} would have one pseudonym of {length} letters. Give a "
            "larger length."
        )
    return made


def _pseudonym(text: str, secret: bytes, opening: bytes, length: int) -> str:
    digest = hmac.digest(secret, opening + text.encode("utf-8", "surrogatepass"), "sha256")
    return base64.b32encode(digest)[:length].decode().lower()


def _sure_below(column: Any) -> int:
    """Size below which floats of a column of any library are one whole number each."""
    dtype = str(getattr(column, "dtype", None) or getattr(column, "type", "")).lower()
    return SURE_OF_SHORT.get(dtype.removesuffix("[pyarrow]"), SURE)


def _id_text(value: Any, name: str, sure: int = SURE) -> str:
    """An id as text: the same for all types that write the same id."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        if abs(value) >= sure:
            raise DataError(
                f"{OWNER}: {name!r} holds floats of {sure:,} or more, where two ids can be one "
                "number: they may not be the ids that were written. Read the column as text."
            )
        return str(int(value))
    if isinstance(value, uuid.UUID):
        return str(value)
    raise DataError(
        f"{OWNER}: {name!r} holds a value of type {type(value).__name__} that is no id: ids are "
        "text, whole numbers or UUIDs. Convert the column first."
    )


def _checked_key(key: object) -> bytes:
    if not isinstance(key, (bytes, bytearray, str)):
        raise DataError(f"{OWNER}: key must be bytes or text, got {type(key).__name__}.")
    secret = key.encode() if isinstance(key, str) else bytes(key)
    cure = "Make one with secrets.token_bytes(32) and keep it apart from the data."
    if len(secret) < SHORTEST_KEY:
        raise DataError(
            f"{OWNER}: the key has {len(secret)} bytes, at least {SHORTEST_KEY} are needed: a "
            f"short one can be guessed. {cure}"
        )
    if len(set(secret)) < FEWEST_SIGNS:
        raise DataError(
            f"{OWNER}: the key has {len(set(secret))} different bytes, at least {FEWEST_SIGNS} are "
            f"needed: one that hardly varies can be guessed. {cure}"
        )
    return secret

"""What the merging of duplicates changes, for the list as a whole and person by person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit._notebook import Told
from crmkit.events import EventLog
from crmkit.pipelines._customer_people import People

OWNER = "CleanThenValue"
BEST = 0.1
NEW = ("n_records", "value", "value_as_listed", "share_seen", "change")


@dataclass(frozen=True, eq=False, repr=False)
class CleaningEffect(Told):
    """Result of `CleanThenValue.compare`: values as listed, cleaned and, if known, by the truth.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per list: `customers`; `bought_once` (share of them); `value` of all, `mean_value`
        and `value_of_best` (of the best tenth of the customers), in currency; and with the truth
        `error` (mean distance of the value of a person, by the person's best customer of the list,
        from the value by the truth) and `found` (share of the truly best tenth of the people who
        are among as many best of the list).
    people : frame
        One row per person, in the library of the log: the id, `n_records`, `value` (cleaned),
        `value_as_listed` (of the best record: what one sees of the person), `share_seen` (the
        latter over the former) and `change` (`value` less the sum over all records).
    text : str
        The findings in sentences.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.pipelines import CleaningEffect
    >>> lists = pd.DataFrame({"customers": [450.0, 301.0]}, index=["as listed", "cleaned"])
    >>> effect = CleaningEffect(lists, pd.DataFrame(), "450 customers are 301 people.")
    >>> effect
    <CleaningEffect: 450 customers as listed, 301 cleaned>
    >>> print(effect)
    450 customers are 301 people.
    """

    table: pd.DataFrame
    people: Any
    text: str

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Lists": self.table.rename_axis("list")}

    def __repr__(self) -> str:
        n = self.table["customers"]
        told = [f"{many:,.0f} {name}" for name, many in n.items()]
        return f"<CleaningEffect: {', '.join(told).replace(' ', ' customers ', 1)}>"

    def __str__(self) -> str:
        return self.text


def effect_of(
    lists: Mapping[str, tuple[EventLog, Any]], people: People, truth: People | None, log: EventLog
) -> CleaningEffect:
    """Compare lists of customers, each with the log that it was made from."""
    values = {name: values_of(table, log.customer) for name, (_, table) in lists.items()}
    table = pd.DataFrame({name: summary(each) for name, each in values.items()}).T
    if truth is not None:
        named = {
            "as listed": person_of(truth, values["as listed"].index),
            "cleaned": person_of(truth, values["cleaned"].index),
            "by the truth": values["by the truth"].index,
        }
        told = {name: against(values[name], named[name], values["by the truth"]) for name in named}
        table = table.join(pd.DataFrame(told).T)
    each = person_by_person(values["as listed"], values["cleaned"], people, log.customer)
    ids = {log.customer: each.index.to_numpy()}
    made = {name: each[name].to_numpy() for name in NEW}
    frame = _frames.new_frame(ids | made, like=log.data, owner=OWNER)
    frame = _frames.hand_back(frame, like=log.data)
    return CleaningEffect(table, frame, in_words(table, each))


def values_of(table: Any, customer: str) -> pd.DataFrame:
    """Value and frequency of each customer, by id."""
    eager = _frames.to_eager(table)
    columns = {name: _frames.column_values(eager, name, OWNER) for name in ("clv", "frequency")}
    return pd.DataFrame(columns, index=pd.Index(_frames.id_column(eager, customer, OWNER)))


def summary(values: pd.DataFrame) -> dict[str, float]:
    """Numbers of a list."""
    return {
        "customers": float(len(values)),
        "bought_once": float((values["frequency"] == 0).mean()),
        "value": float(values["clv"].sum()),
        "mean_value": float(values["clv"].mean()),
        "value_of_best": float(best_of(values["clv"]).sum()),
    }


def best_of(values: "pd.Series[float]", n: int | None = None) -> "pd.Series[float]":
    """The best tenth, or so many."""
    wanted = int(np.ceil(BEST * len(values))) if n is None else n
    return values.sort_values(ascending=False, kind="stable").head(wanted)


def person_of(who: People, ids: "pd.Index[Any]") -> "pd.Index[Any]":
    """Person of each customer id; who is no record is a person alone."""
    records = pd.Index(who.records)
    first = ~records.duplicated()
    row = records[first].get_indexer(ids)
    person = ids.to_numpy(dtype=object, copy=True)  # never as floats: they round long numbers
    person[row >= 0] = np.asarray(who.golden, dtype=object)[first][row[row >= 0]]
    named: pd.Index[Any] = pd.Index(person).infer_objects()
    return named


def against(values: pd.DataFrame, person: "pd.Index[Any]", true: pd.DataFrame) -> dict[str, float]:
    """How far the values of people are from those by the truth, and whether the best are found."""
    seen = values["clv"].groupby(person.to_numpy()).max()
    error = (seen.reindex(true.index, fill_value=0.0) - true["clv"]).abs().mean()
    best = best_of(true["clv"]).index
    found = best_of(seen, len(best)).index
    return {"error": float(error), "found": float(best.isin(found).mean())}


def person_by_person(
    listed: pd.DataFrame, cleaned: pd.DataFrame, people: People, customer: str
) -> pd.DataFrame:
    """What is seen of each person in the list as it stands."""
    by = listed["clv"].groupby(person_of(people, listed.index).to_numpy())
    record = pd.Series(people.golden, index=people.records)
    counts = record[~record.index.duplicated()].value_counts()
    value = cleaned["clv"]
    seen, total = (each.reindex(value.index, fill_value=0.0) for each in (by.max(), by.sum()))
    share = np.divide(seen, value, out=np.ones(len(value)), where=value.to_numpy() > 0)
    columns = {
        "n_records": counts.reindex(value.index, fill_value=0).to_numpy(dtype=np.int64),
        "value": value.to_numpy(),
        "value_as_listed": seen.to_numpy(),
        "share_seen": np.asarray(share),
        "change": (value - total).to_numpy(),
    }
    return pd.DataFrame(columns, index=value.index)


def in_words(table: pd.DataFrame, each: pd.DataFrame) -> str:
    """The findings in sentences."""
    before, after = table.loc["as listed"], table.loc["cleaned"]
    lines = [
        f"{before['customers']:,.0f} customers as listed are {after['customers']:,.0f} people.",
        f"Bought once: {before['bought_once']:.0%} as listed, {after['bought_once']:.0%} cleaned.",
        f"Value of all: {before['value']:,.0f} as listed, {after['value']:,.0f} cleaned; of the "
        f"best tenth: {before['value_of_best']:,.0f} and {after['value_of_best']:,.0f}.",
    ]
    twice = each[each["n_records"] > 1]
    if len(twice):
        who = f"{len(twice):,} people have several records; of their value"
        if len(twice) == 1:
            who = "1 person has several records; of the value"
        lines.append(f"{who} {twice['share_seen'].median():.0%} is seen in the best one (median).")
    if "error" in table:
        lines += [
            f"By the truth: {name} is off by {row['error']:,.2f} a person and finds "
            f"{row['found']:.0%} of the best tenth."
            for name, row in table.iterrows()
            if name != "by the truth"
        ]
    return "\n".join(lines)

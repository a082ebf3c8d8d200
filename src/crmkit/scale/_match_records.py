"""Duplicates beyond one machine: joins in SQL, comparisons in batches, groups at the end.

Records in normal form that are equal are one unit. Units that share a key of the matcher meet in
a join; a key that too many share is parted by a second key, as on one machine. Each pair is
compared by the matcher's own rules, in batches on the workers. What remains are the pairs that may
be matches, few enough for one machine, where they are made entities as always.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from crmkit.cleaning import Deduplicator
from crmkit.cleaning._matching._coded import Floats, Ints
from crmkit.cleaning._matching._engine import FEW_OF_A_PASS, MOST_OF_A_PASS
from crmkit.cleaning._matching._entity_clusters import components, entity_clusters
from crmkit.cleaning._matching._precision import log_odds_of_cut
from crmkit.cleaning._matching._supervised import final_scores
from crmkit.exceptions import DataError
from crmkit.scale._match_engines import RECORDS, Engine, engine_of
from crmkit.scale._match_forms import (
    Parts,
    keys_of_units,
    normal_forms,
    number_of,
    number_of_value,
    parts_of,
    scored_pairs,
    second_keys_of_units,
    units_with_values,
)
from crmkit.scale._spark import Table

OWNER = "match_records"
SIDES = (("x", "a"), ("y", "b"))


def match_records(
    records: Any,
    matcher: Deduplicator,
    *,
    record: str | None = None,
    entity: str = "entity",
    settings: Mapping[str, Any] | None = None,
) -> Any:
    """Find the records of one person beyond one machine: records in, ids and entities out.

    For lists that `Deduplicator.fit_predict` cannot hold, of some tens of millions of records. A
    matcher that was fitted on a part of the list, or on all of it, brings what it learnt: kinds of
    columns, keys, weights and threshold. Which records are compared and what speaks for a match
    follow its rules, with values as frequent as they are in the whole list. Lists of up to a few
    million records are done sooner by `Deduplicator` itself.

    Parameters
    ----------
    records : duckdb relation or Spark data frame
        One row a record, with the columns of the fit and an id of each record.
    matcher : Deduplicator
        Fitted, best on all records of some regions or birth years, or on as large a random part as
        fits: a random part of one tenth holds one hundredth of the pairs of one person.
    record : str or None, default=None
        Column of record ids, each once; None is that of the matcher.
    entity : str, default="entity"
        Name of the new column.
    settings : mapping or None, default=None
        Of DuckDB alone: its configuration, such as ``{"memory_limit": "4GB", "temp_directory":
        "/fast/disk"}``. What does not fit into the memory goes to that directory.

    Returns
    -------
    duckdb relation or Spark data frame
        The record id and the entity: numbers from 0 in the order of the values of the records,
        those of records without any value last. Rows come in no order. In Spark the answer is
        kept in its cache: call `unpersist` on it when it has been written.

    Raises
    ------
    DataError
        If the frame is of another kind, the id is missing or not unique, or the matcher keeps
        sources apart, which is for one machine.
    MissingExtraError
        If the engine is not installed.

    Notes
    -----
    On the list of its fit the answer is that of `fit_predict`, but for what is not of keys: pairs
    that a short list compares without any key, the likest letters of single records, labels and
    constraints of single pairs, and keys that are left out where they become too costly. One
    machine holds at the end the matches (24 bytes a pair) and the units in groups of three and
    more.

    Examples
    --------
    >>> import duckdb
    >>> from crmkit.cleaning import Deduplicator
    >>> from crmkit.datasets import make_customers
    >>> from crmkit.scale import match_records
    >>> people = make_customers(2000, duplicates=0.3, random_state=0).records
    >>> matcher = Deduplicator(record="record_id").fit(people)
    >>> found = match_records(duckdb.from_df(people), matcher)
    >>> found.columns
    ['record_id', 'entity']
    >>> entities = found.aggregate("count(DISTINCT entity)").fetchall()[0][0]
    >>> abs(entities - matcher.n_entities_) < 5
    True
    """
    engine = engine_of(records, settings, OWNER)
    try:
        record = _checked(records, matcher, record, entity)
        parts = parts_of(matcher)
        kind = engine.read([record, *matcher._compared])
        list_of = RecordList(engine, parts, record, kind)
        list_of.find_units()
        list_of.find_pairs()
        return list_of.entities(entity)
    finally:
        engine.close()


def _checked(records: Any, matcher: Any, record: str | None, entity: str) -> str:
    """The column of record ids, after the parameters were found to have a meaning."""
    if not isinstance(matcher, Deduplicator):
        raise DataError(f"{OWNER}: a Deduplicator is needed, got {type(matcher).__name__}.")
    check_is_fitted(matcher)
    record = matcher.record if record is None else record
    if record is None:
        raise DataError(f"{OWNER}: rows of a table have no order: name the ids by record=.")
    for name in (record, *matcher._compared):
        if name not in records.columns:
            raise DataError.missing_column(OWNER, name, records.columns)
    if entity == record:
        raise DataError(f"{OWNER}: entity and record are both {entity!r}. Call one differently.")
    if matcher.one_per_source is not None:
        raise DataError(
            f"{OWNER}: one_per_source={matcher.one_per_source!r} holds on one machine alone. Fit "
            "without it."
        )
    return record


class RecordList:
    """The tables of one list, made one after the other by an engine."""

    def __init__(self, engine: Engine, parts: Parts, record: str, kind: Any) -> None:
        self._engine, self._parts, self._record, self._kind = engine, parts, record, kind
        self._most = int(parts.matcher.max_block_size)
        self._cut = log_odds_of_cut(parts.matcher.threshold_)

    def find_units(self) -> None:
        """Records in normal form, and the distinct ones with the numbers of their values."""
        import pyarrow as pa

        parts, engine, record = self._parts, self._engine, self._record
        carried = engine.carry(parts)
        text = [(name, pa.string()) for name in parts.values]
        schema = pa.schema([("record", self._kind), *text])
        engine.mapped("forms", RECORDS, lambda rows: normal_forms(rows, carried(), record), schema)
        self._check_ids()
        values = ", ".join(parts.values)
        some = f"SELECT {values} FROM {{forms}} WHERE coalesce({values}) IS NOT NULL"
        engine.numbered("units", f"{some} GROUP BY {values}", parts.values)
        told = ", ".join(f"count({value}) AS {value}" for value in parts.values)
        row = engine.fetch(f"SELECT count(*) AS n, {told} FROM {{units}}").to_pylist()[0]
        self._n_units, self._totals = int(row["n"]), [int(row[value]) for value in parts.values]

    def find_pairs(self) -> None:
        """Pairs of units that share a key, and of these the scored ones that may be matches."""
        import pyarrow as pa

        engine, most = self._engine, self._most
        carried, totals = engine.carry(self._parts), self._totals
        keys = pa.schema([("unit", pa.int64()), ("p", pa.int32()), ("k", pa.int64())])
        engine.mapped("keys", "SELECT * FROM {units}", lambda t: keys_of_units(t, carried()), keys)
        engine.table("blocks", _blocks("keys", "count(*) > 1"))
        engine.table("counted", self._counted())
        queries = [_joined("keys", "blocks", f"g.p >= 0 AND g.n <= {most}")]
        chosen = self._second_keys(keys)
        if chosen:
            queries.append(_joined("seconds", "second_blocks", f"g.p IN ({chosen})"))
        engine.table("pairs", f"SELECT DISTINCT a, b FROM ({' UNION ALL '.join(queries)})")
        values = self._parts.values
        sides = [f"{side}.{v} AS v{name}{v[1:]}" for side, name in SIDES for v in values]
        sides += [f"n.{count}" for count in self._parts.counts]
        query = (
            f"SELECT q.a, q.b, {', '.join(sides)} FROM {{pairs}} q "
            "JOIN {units} x ON q.a = x.unit JOIN {counted} n ON q.a = n.unit "
            "JOIN {units} y ON q.b = y.unit"
        )
        schema = pa.schema([("a", pa.int64()), ("b", pa.int64()), ("odds", pa.float64())])
        engine.mapped("scored", query, lambda t: scored_pairs(t, carried(), totals), schema)

    def entities(self, name: str) -> Any:
        """The answer: record ids and entities."""
        import pyarrow as pa

        record, values = self._record, self._parts.values
        joined = self._joined_units()
        n_entities = self._n_units - int((joined[0] != joined[1]).sum())
        carried = self._engine.carry((*joined, n_entities, record, name))
        same = " AND ".join(f"f.{value} IS NOT DISTINCT FROM u.{value}" for value in values)
        query = (
            "SELECT f.record, u.unit, CAST(NULL AS BIGINT) AS alone FROM {forms} f "
            f"JOIN {{units}} u ON {same} UNION ALL SELECT record, CAST(NULL AS BIGINT) AS unit, "
            "row_number() OVER (ORDER BY record) - 1 AS alone FROM {forms} "
            f"WHERE coalesce({', '.join(values)}) IS NULL"
        )
        schema = pa.schema([(record, self._kind), (name, pa.int64())])
        return self._engine.answer(query, lambda rows: numbered(rows, *carried()), schema)

    def _check_ids(self) -> None:
        query = "SELECT count(*) AS n, count(DISTINCT record) AS k, count(record) AS m FROM {forms}"
        found = self._engine.fetch(query).to_pylist()[0]
        if not found["n"]:
            raise DataError(f"{OWNER}: there are no records. Check the filter before.")
        if found["k"] < found["n"]:
            missing, twice = found["n"] - found["m"], found["m"] - found["k"]
            raise DataError(
                f"{OWNER}: {self._record!r} must name each record once: {missing:,} are missing, "
                f"{twice:,} stand there again. Number the rows first."
            )

    def _counted(self) -> str:
        """Query of how many units have each value of a unit."""
        there = "THEN coalesce(g.n, 1) ELSE 1 END"
        n = [
            f"max(CASE WHEN s.p = {number_of_value(place)} {there}) AS {name}"
            for place, name in enumerate(self._parts.counts)
        ]
        return (
            f"SELECT s.unit, {', '.join(n)} FROM {{keys}} s LEFT JOIN {{blocks}} g "
            "ON s.p = g.p AND s.k = g.k WHERE s.p < 0 GROUP BY s.unit"
        )

    def _second_keys(self, schema: Any) -> str:
        """Make the second keys of large blocks; those whose pairs are few enough, for SQL."""
        engine, most, parts = self._engine, self._most, self._parts
        larger = engine.fetch(f"SELECT count(*) AS n FROM {{blocks}} WHERE p >= 0 AND n > {most}")
        if not larger.to_pylist()[0]["n"]:
            return ""
        carried, values = engine.carry(parts), ", ".join(f"u.{value}" for value in parts.values)
        query = (
            f"SELECT s.unit, s.p, s.k, {values} FROM {{keys}} s JOIN {{blocks}} g ON s.p = g.p "
            f"AND s.k = g.k AND g.p >= 0 AND g.n > {most} JOIN {{units}} u ON s.unit = u.unit"
        )
        engine.mapped("seconds", query, lambda t: second_keys_of_units(t, carried()), schema)
        engine.table("second_blocks", _blocks("seconds", f"count(*) BETWEEN 2 AND {most}"))
        cost = self._costs("blocks", f"WHERE p >= 0 AND n <= {most}") | self._costs(
            "second_blocks", ""
        )
        chosen = []
        for place, seconds in enumerate(parts.seconds):
            left = MOST_OF_A_PASS * self._n_units + FEW_OF_A_PASS - cost.get(place, 0)
            for number in (number_of(place, which) for which in range(len(seconds))):
                if 0 < cost.get(number, 0) <= left:
                    left -= cost[number]
                    chosen.append(number)
        return ", ".join(map(str, chosen))

    def _costs(self, blocks: str, where: str) -> dict[int, int]:
        """Pairs of each pass."""
        query = f"SELECT p, sum(n * (n - 1) / 2) AS cost FROM {{{blocks}}} {where} GROUP BY p"
        rows = self._engine.fetch(query).to_pylist()
        return {int(row["p"]): int(row["cost"]) for row in rows}

    def _joined_units(self) -> tuple[Ints, Ints]:
        """Units that are together with others, ascending, and the first unit of each one's."""
        found = self._engine.fetch(f"SELECT a, b FROM {{scored}} WHERE odds >= {self._cut!r}")
        a, b = (found.column(name).to_numpy() for name in ("a", "b"))
        units, places = np.unique(np.concatenate([a, b]), return_inverse=True)
        left, right = places[: len(a)], places[len(a) :]
        labels = components(len(units), left, right, np.ones(len(a), dtype=bool))
        large = np.bincount(labels, minlength=1)[labels] > 2
        firsts = _firsts(units, labels)
        if large.any():
            firsts[large] = self._linked(units[large], labels[large])
        return units, firsts

    def _linked(self, units: Ints, groups: Ints) -> Ints:
        """First unit of the entity of each of some units in groups of three and more."""
        import pyarrow as pa

        engine, parts = self._engine, self._parts
        engine.put("members", pa.table({"unit": units, "g": groups.astype(np.int64)}))
        rows = engine.fetch(
            "SELECT u.*, n.* FROM {units} u JOIN {counted} n ON u.unit = n.unit "
            "JOIN {members} m ON u.unit = m.unit ORDER BY u.unit"
        )
        pairs = engine.fetch(
            "SELECT s.a, s.b, s.odds FROM {scored} s JOIN {members} x ON s.a = x.unit "
            "JOIN {members} y ON s.b = y.unit WHERE x.g = y.g ORDER BY s.a, s.b"
        )
        a, b, odds = (pairs.column(name).to_numpy() for name in ("a", "b", "odds"))
        left, right = np.searchsorted(units, a), np.searchsorted(units, b)
        model, corrector = parts.matcher._model(), parts.matcher._corrector()
        known = units_with_values(rows, parts, self._totals)

        def scorer(one: Ints, other: Ints) -> Floats:
            return final_scores(model, corrector, known, one, other).log_odds

        complete = scorer if parts.matcher.linkage == "average" else None
        made = entity_clusters(len(units), left, right, odds, self._cut, complete)
        return _firsts(units, made.labels)


def numbered(
    rows: Table, units: Ints, firsts: Ints, n_entities: int, record: str, name: str
) -> Table:
    """Record ids and units in, entities from 0 out: places of first units among first units."""
    import pyarrow as pa

    unit = rows.column("unit").fill_null(-1).to_numpy()
    place = np.minimum(np.searchsorted(units, unit), max(len(units) - 1, 0))
    first = unit.copy()
    if len(units):
        first = np.where(units[place] == unit, firsts[place], unit)
    entity = first - np.searchsorted(units[units != firsts], first)
    alone = rows.column("alone").fill_null(0).to_numpy()
    entity = np.where(unit < 0, n_entities + alone, entity)
    return pa.table({record: rows.column("record"), name: entity})


def _firsts(units: Ints, labels: Ints) -> Ints:
    """The least unit of each one's group; units ascend."""
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(units[first][back])


def _blocks(keys: str, having: str) -> str:
    return f"SELECT p, k, count(*) AS n FROM {{{keys}}} GROUP BY p, k HAVING {having}"


def _joined(keys: str, blocks: str, where: str) -> str:
    """Pairs of units that share a key of some blocks."""
    return (
        f"SELECT x.unit AS a, y.unit AS b FROM {{{blocks}}} g "
        f"JOIN {{{keys}}} x ON x.p = g.p AND x.k = g.k "
        f"JOIN {{{keys}}} y ON y.p = g.p AND y.k = g.k AND x.unit < y.unit WHERE {where}"
    )

"""New records to entities: the best known one, else a new one that may be shared."""

import numpy as np

from crmkit.cleaning._matching._assignment import assigned
from crmkit.cleaning._matching._block_keys import Pass
from crmkit.cleaning._matching._coded import CodedColumn, Units
from crmkit.cleaning._matching._engine import Settings
from crmkit.cleaning._matching._scores import MatchModel

M = np.array([[1, 0.05, 0.05, 0.9]] * 3)
U = np.array([[1, 0.96, 0.02, 0.02]] * 3)
MODEL = MatchModel(("city",) * 3, M, U, 0.05, (), [], np.empty(0), [])
PASSES = [Pass(((name, "whole"),)) for name in "abc"]
ROWS = [  # two entities of two units each, then new ones
    "xpl", "xpm", "yqn", "yqo",
    "xpo", "yql", "zrs", "zrt", "wvu",
]  # fmt: skip


def test_new_units_join_the_entity_they_match_best_or_each_other():
    columns = []
    for number, name in enumerate("abc"):
        texts = [row[number] for row in ROWS]
        values = sorted(set(texts))
        codes = np.array([values.index(text) for text in texts], dtype=np.int64)
        counts = np.full(len(values) + 1, 2)  # each in one of fifty, as u has it
        counts[-1] = 100 - 2 * len(values)
        columns.append(CodedColumn(name, "city", codes, [*values, "~"], counts))
    units = Units(columns, np.empty(0, dtype=np.int64), len(ROWS))
    entities = np.array([0, 0, 1, 1])
    got = assigned(units, 4, entities, MODEL, PASSES, Settings())
    assert got[:2].tolist() == [0, 1]
    assert got[2] == got[3] >= 2
    assert got[4] >= 2
    assert got[4] != got[2]
    assert sorted(set(got.tolist())) == [0, 1, 2, 3]

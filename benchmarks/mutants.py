"""Faults planted in the core mathematics, one at a time: how many do the tests find?

    python benchmarks/mutants.py                    # a sample of 25 of each file
    python benchmarks/mutants.py --each 400 clv/_formulas.py

cosmic-ray plants the faults (another operator, another number, a condition turned round, ...) in a
copy of the sources; the test file of the same name is run on each. Faults in annotations are left
out, since they change nothing that runs. A fault that no test finds is printed as a difference: it
is either a test that is missing, or a change that makes no difference (a tolerance, a starting
point, a speed-up). Which faults are drawn depends on `--seed` alone.
"""

import argparse
import ast
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkItem

ROOT = Path(__file__).parent.parent
NOTES = ("annotation", "returns")  # where the types of a signature stand
CORE = [
    "clv/_beta_geo_likelihood.py",
    "clv/_discounting.py",
    "clv/_formulas.py",
    "clv/_negative_binomial.py",
    "clv/_renewals.py",
    "metrics/_churn_scores.py",
    "metrics/_clusters.py",
    "metrics/_concentration.py",
    "metrics/_empc.py",
    "segment/_lloyd.py",
    "segment/_value_edges.py",
    "events/_summarize.py",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", default=CORE, help="inside src/crmkit")
    parser.add_argument("--each", type=int, default=25, help="most faults of one file")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "crmkit"
        skipped = shutil.ignore_patterns(".*", "docs", "__pycache__", "*.egg-info")
        shutil.copytree(ROOT, copy, ignore=skipped)
        os.chdir(copy)
        os.environ.update(PYTHONPATH="src", PYTHONDONTWRITEBYTECODE="1")
        for file in asked.files:
            found[file] = planted(file, asked.each, asked.seed)
    print(f"\n{'file':<34}{'faults':>7}{'found':>7}{'share':>7}")
    for file, (n, n_found) in [*found.items(), ("all", np.sum(list(found.values()), axis=0))]:
        print(f"{file:<34}{n:>7}{n_found:>7}{n_found / max(n, 1):>7.2f}")


def planted(file: str, each: int, seed: int) -> tuple[int, int]:
    """Plant faults in one file: how many, and how many of them its tests find."""
    module = Path("src/crmkit", file)
    tests = Path("tests", *(part.strip("_") for part in Path(file).parts[:-1]))
    tests /= f"test_{Path(file).stem.strip('_')}.py"
    command = f"{sys.executable} -m pytest -x -q -n0 -p no:cacheprovider {tests}"
    outcomes = []
    for item in drawn(faults(module), each, seed):
        result = mutate_and_test(item.mutations, command, 300.0)
        outcomes.append(result.test_outcome)
        if result.test_outcome == TestOutcome.SURVIVED:
            print(f"\nnot found by {tests}:\n{result.diff}", flush=True)
    return len(outcomes), sum(outcome != TestOutcome.SURVIVED for outcome in outcomes)


def faults(module: Path) -> list[WorkItem]:
    """All faults that can be planted in code that runs."""
    told = set(annotated(ast.parse(module.read_text("utf-8"))))
    with (
        tempfile.TemporaryDirectory() as folder,
        use_db(str(Path(folder) / "faults.sqlite"), WorkDB.Mode.create) as database,
    ):
        init([module], database, {})
        items = list(database.work_items)
    return [item for item in items if item.mutations[0].start_pos not in told]


def annotated(tree: ast.AST) -> list[tuple[int, int]]:
    """Places of everything inside annotations."""
    notes = [getattr(node, name, None) for node in ast.walk(tree) for name in NOTES]
    inside = [node for note in notes if isinstance(note, ast.AST) for node in ast.walk(note)]
    places = [
        [(node.lineno, column) for column in range(node.col_offset, node.end_col_offset + 1)]
        for node in inside
        if hasattr(node, "lineno")
    ]
    return [place for each in places for place in each]


def drawn(items: list[WorkItem], each: int, seed: int) -> list[WorkItem]:
    """A sample, in the order of the file."""
    items = sorted(items, key=lambda item: (item.mutations[0].start_pos, str(item.mutations[0])))
    kept = np.random.default_rng(seed).permutation(len(items))[:each]
    return [items[place] for place in np.sort(kept)]


if __name__ == "__main__":
    main()

"""Duplicates in a synthetic customer list: crmkit beside Splink on DuckDB, in one run.

    python benchmarks/bench_clean.py --peer-python other-env/bin/python --records 100_000
    python benchmarks/bench_clean.py --peer-python other-env/bin/python --records 1_000_000 \
        --rounds 1

Both get the same list as a Parquet file, from whose reading to the clusters on disk the clock
runs; each works in a process of its own, the peer in its own environment (`--peer-python`), and
they take turns. crmkit runs with default settings and detects what the columns hold; Splink's
settings follow its documentation (see `_clean_peer.py`), and of its thresholds .5, .9, .95 and
.99 the best for each score counts, which nobody could know. Printed are the best times on the
clock and of all processors, the peak of memory, pairwise and B-cubed F1, and ratios. Seed 901 of
the list was not used while anything was decided. `--peer-pairs` are the random pairs from which
Splink learns chance agreement: 1e6 is its default, of which it says itself that more are better;
1e7 cost it some 35 seconds of processors more. Without `--peer-python` crmkit runs alone.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from _recommend_text import table
from clean_tables import SEEDS, TRUTH, customers

from crmkit.metrics import b_cubed, pairwise_scores

HERE = Path(__file__).parent
OWN = """
import sys
import warnings

import pandas as pd

from crmkit.cleaning import Deduplicator

warnings.simplefilter("ignore")
labels = Deduplicator().fit_predict(pd.read_parquet(sys.argv[1]))
pd.DataFrame({"default": labels}).to_parquet(sys.argv[2])
"""
HEADER = ["tool", "wall s", "CPU s", "peak GB", "F1", "precision", "recall", "B-cubed F1"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peer-python")
    parser.add_argument("--peer-pairs", default="1e6")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=SEEDS[0])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, truth = Path(folder) / "records.parquet", Path(folder) / "truth.parquet"
        make = [__file__, "--make", str(source), str(truth), str(asked.records), str(asked.seed)]
        subprocess.run([sys.executable, *make], check=True)  # or its memory would count as theirs
        tools = {"crmkit": [sys.executable, "-c", OWN]}
        if asked.peer_python:
            tools["Splink"] = [asked.peer_python, str(HERE / "_clean_peer.py")]
        best = {tool: np.full(3, np.inf) for tool in tools}
        for _ in range(asked.rounds):
            for tool, command in tools.items():
                files = str(source), str(Path(folder) / f"{tool}.parquet")
                cost = measured([*command, *files, asked.peer_pairs])
                best[tool] = np.minimum(best[tool], cost)
        true = pd.read_parquet(truth)[TRUTH]
        scores = {tool: scored(true, Path(folder) / f"{tool}.parquet") for tool in tools}
    print(report(len(true), best, scores))


def make_list(source: str, truth: str, n: str, seed: str) -> None:
    """Write a list of records, and who is who."""
    records = customers(round(int(n) / 1.2), int(seed), 0.2, "en")
    records.drop(columns=TRUTH).to_parquet(source)
    records[[TRUTH]].to_parquet(truth)


def measured(command: list[str]) -> np.ndarray:
    """Seconds on the clock, seconds of all processors, and peak memory in GB of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}.")
    wall = time.perf_counter() - start
    return np.array([wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20])


def scored(true: pd.Series, path: Path) -> dict[str, dict[str, float]]:
    """Scores of each column of labels."""
    labels = pd.read_parquet(path)
    names = [name for name in labels.columns if name != "unique_id"]
    return {
        name: pairwise_scores(true, labels[name]) | {"b_cubed": b_cubed(true, labels[name])["f1"]}
        for name in names
    }


def report(
    n: int, best: dict[str, np.ndarray], scores: dict[str, dict[str, dict[str, float]]]
) -> str:
    """Tables of costs and scores, and the ratios."""
    rows = [HEADER]
    for tool, found in scores.items():
        for label, each in found.items():
            name = tool if label == "default" else f"{tool}, threshold {label}"
            costs = [f"{cost:.2f}" for cost in best[tool]]
            keys = ("f1", "precision", "recall", "b_cubed")
            rows.append([name, *costs, *(f"{each[key]:.4f}" for key in keys)])
    text = table(f"Customer list of {n:,} records, one in six a duplicate", rows)
    if len(best) < 2:
        return text
    wall, cpu, peak = best["crmkit"] / best["Splink"]
    own = scores["crmkit"]["default"]
    f1, cubed = (max(each[key] for each in scores["Splink"].values()) for key in ("f1", "b_cubed"))
    return (
        f"{text}\ncrmkit takes {wall:.2f} of Splink's time on the clock, {cpu:.2f} of its seconds "
        f"of processors and {peak:.2f} of its memory; F1 {own['f1']:.4f} beside {f1:.4f}, B-cubed "
        f"{own['b_cubed']:.4f} beside {cubed:.4f} at Splink's best threshold for each.\n"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make_list(*sys.argv[2:])
    else:
        main()

"""A small table of speed for the page "How good is it?": seconds of the processor beside peers.

    python benchmarks/speed_tables.py [folder]

Writes `speed.inc` into the folder (default docs/how-good). The jobs are those of bench_summarize
and bench_clv, small enough for two minutes; both sides take turns three times, and the best counts.
Seconds are those of all processors, which other work on the machine hardly disturbs; answers must
agree, or the run stops.
"""

import sys
import time
import warnings
from pathlib import Path

import bench_clv
import bench_summarize
import numpy as np

ROUNDS = 3
ROWS, CUSTOMERS = 1_000_000, 50_000
MODELS = {"bg": "BG/NBD", "mbg": "MBG/NBD", "gamma-gamma": "Gamma-Gamma"}


def main(folder: Path) -> None:
    warnings.simplefilter("ignore")
    rows = [*summaries(), *fits()]
    lines = [
        ".. Made by: python benchmarks/speed_tables.py",
        "",
        ".. csv-table:: Seconds of all processors, best of three",
        "   :header-rows: 1",
        "",
        '   "job","beside","crmkit","beside it","ratio"',
    ]
    for job, peer, ours, theirs in rows:
        lines.append(f'   "{job}","{peer}","{ours:.2f}","{theirs:.2f}","{theirs / ours:.1f}"')
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.inc").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def summaries():
    """Summaries of events, in the library that holds them and in lifetimes."""
    frame = bench_summarize.make_events(ROWS)
    runs = {(name, kind): run for name, kind, run in bench_summarize.CONTENDERS}
    job = f"summarise {ROWS:,} events in {{}}"
    for kind, peer in (
        ("pandas", "lifetimes"),
        ("pandas", "by hand"),
        ("polars", "by hand"),
        ("duckdb", "by hand"),
    ):
        data = bench_summarize.INPUTS[kind](frame)
        ours, theirs = runs["crmkit", kind], runs[peer, kind]
        np.testing.assert_allclose(*(bench_summarize.checksum(run(data)) for run in (ours, theirs)))
        times = race(lambda run=ours, data=data: run(data), lambda run=theirs, data=data: run(data))
        yield (job.format(kind), peer if peer == "lifetimes" else "a query by hand", *times)


def fits():
    """Fits and predictions of purchase and spend models beside lifetimes."""
    for name, title in MODELS.items():
        case = bench_clv.CASES[name]
        customers = case.customers(CUSTOMERS)
        some = customers[customers["frequency"] > 0] if name == "gamma-gamma" else customers
        columns = [some[column] for column in case.columns]
        ours = case.ours().fit(customers)
        theirs = bench_clv.fitted(case.theirs(), columns)
        params = {key: float(theirs.params_[key]) for key in ours.params_}
        other = type(ours).from_dict({"fitted": {"params_": params}})
        np.testing.assert_array_less(
            other.log_likelihood(customers).sum(), ours.log_likelihood_ + 0.5
        )
        times = race(
            lambda case=case, customers=customers: case.ours().fit(customers),
            lambda case=case, columns=columns: bench_clv.fitted(case.theirs(), columns),
        )
        yield f"fit {title} on {CUSTOMERS:,} customers", "lifetimes", *times


def race(ours, theirs) -> tuple[float, float]:
    """Best seconds of both, which take turns."""
    best = [np.inf, np.inf]
    for _ in range(ROUNDS):
        for place, work in enumerate((ours, theirs)):
            begin = time.process_time()
            work()
            best[place] = min(best[place], time.process_time() - begin)
    return best[0], best[1]


if __name__ == "__main__":
    here = Path(__file__).parent.parent
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else here / "docs" / "how-good")

"""Who got better, who got worse, and what comes next? Segments at several dates, on one scale.

Stages of the life cycle and RFM segments of the same customers at four dates. Edges are learnt at
the first date and kept: fitted anew, every fifth would always hold a fifth of the customers, and a
shop that loses its customers would show the same segments as before. Tells who moved where, a
forecast of the sizes with its check on the last known date, and what became of those who came
together. Reads the CDNOW sample, installed with the extra `data`: all its customers joined within
twelve weeks, so that most of them go is no surprise. Draws pictures into PNG files of the folder
that is named, or of a new one.

Run: python examples/segments_over_time.py pictures
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

import crmkit as ck
from crmkit import plotting
from crmkit.segment import (
    CohortTable,
    LifecycleStager,
    Migration,
    RFMSegmenter,
    SegmentForecast,
    cohort_table,
    migration_matrix,
)

DATES = ["1997-10-01", "1998-01-01", "1998-04-01", "1998-07-01"]
SIDE = "Champions"


def main(folder: Path) -> None:
    log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    moves = migration_matrix(LifecycleStager(), log, DATES)
    print(moves)
    print_quarter(moves)
    print_reasons(log, moves)
    print_edges(log)
    ahead = moves.forecast(2)
    print(f"\n{ahead}")
    cohorts = cohort_table(log, period="M", as_of=DATES[-1])
    print("\nShare who bought in the months after the month of the first purchase\n")
    print(cohorts.wide().iloc[:, :13].round(2).to_string())
    draw(folder, log, moves, ahead, cohorts)


def print_quarter(moves: Migration) -> None:
    """Who moved in the last quarter, as customers."""
    before, after = moves.dates[-2:]
    print(f"\nFrom {before:%Y-%m-%d} (rows) to {after:%Y-%m-%d} (columns), customers\n")
    print(moves.matrix(-1, shares=False).drop(index="(new)").to_string())


def print_reasons(log: ck.EventLog, moves: Migration) -> None:
    """Who slipped from loyal in the last quarter, and why."""
    slipped = moves.movers("loyal", "at risk")
    stages = moves.segmenter.predict_frame(log, as_of=DATES[-1])
    print(f"\n{len(slipped)} slipped from loyal to at risk in the last quarter, such as\n")
    for row in stages[stages["customer_id"].isin(slipped["customer_id"])].head(3).itertuples():
        print(f"{row.customer_id}: {row.reason}")


def print_edges(log: ck.EventLog) -> None:
    """The best RFM segment on the edges of the first date, and on edges learnt anew."""
    frozen = migration_matrix(RFMSegmenter(), log, DATES)
    kept = frozen.size_counts[:, frozen.segments.index(SIDE)]
    print(f"\n{SIDE} by RFM at {len(DATES)} dates\n")
    for date, n in zip(DATES, kept, strict=True):
        anew = RFMSegmenter().fit_predict(ck.summarize(log, as_of=date)) == SIDE
        print(f"{date}: {n} on the edges kept, {anew.sum()} on edges learnt anew")


def draw(
    folder: Path,
    log: ck.EventLog,
    moves: Migration,
    ahead: SegmentForecast,
    cohorts: CohortTable,
) -> None:
    """Pictures of stages, moves, sizes and cohorts."""
    stager = moves.segmenter
    staged: pd.DataFrame = stager.predict_frame(log, as_of=DATES[-1])
    pictures = {
        "flow": lambda ax: plotting.plot_segment_flow(moves, ax=ax),
        "moves": lambda ax: plotting.plot_migration(moves, pair=-1, ax=ax),
        "sizes": lambda ax: plotting.plot_segment_sizes(moves, ahead, ax=ax),
        "stages": lambda ax: plotting.plot_lifecycle(stager, staged, ax=ax),
        "cohorts": lambda ax: plotting.plot_cohorts(cohorts, ax=ax),
    }
    folder.mkdir(parents=True, exist_ok=True)
    print("\nPictures\n")
    for name, picture in pictures.items():
        figure = Figure(figsize=(9.0, 5.5), layout="constrained")
        ax = picture(figure.add_subplot())
        figure.savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {ax.get_title(loc='left')}")
    print(f"\n{len(pictures)} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-")))

"""Time reports on the quality of lists: CPU seconds and peak memory, beside pandas' own counts.

    python benchmarks/bench_quality.py --rows 100_000 1_000_000

The list is that of made-up customers with 20 % duplicates: ten columns of names, e-mails, phones,
addresses and dates, most values distinct. `--duplicates` also estimates the pairs of one person.
The simple count beside it is what many do by hand: missing values, distinct values and equal rows.
Seconds are those of the processor, so that other work on the machine hardly matters.
"""

import argparse
import resource
import time

from crmkit.cleaning import expect, quality_report
from crmkit.datasets import make_customers


def list_of(n):
    people = round(n / 1.2)
    records = make_customers(people, duplicates=0.2, random_state=1).records
    return records.drop(columns="source")


def timed(work):
    start = time.process_time()
    made = work()
    return made, time.process_time() - start


def counted(frame):
    return frame.isna().sum(), frame.nunique(), frame.duplicated().sum()


def expected(frame):
    kinds = {"email": "email", "phone": "phone", "postcode": "postcode", "city": "city"}
    wanted = expect(frame, kinds=kinds).unique("record_id").no_missing("email", at_most=0.1)
    return wanted.valid("email", "phone", at_least=0.9).depends("postcode", "city", at_least=0.9)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=lambda text: int(text), nargs="+", default=[100_000])
    parser.add_argument("--duplicates", action="store_true")
    asked = parser.parse_args()
    for n in asked.rows:
        frame = list_of(n)
        _, simple = timed(lambda frame=frame: counted(frame))
        report, seconds = timed(
            lambda frame=frame: quality_report(
                frame, record="record_id", when="signup_date", duplicates=asked.duplicates
            )
        )
        _, rows = timed(report.rows)
        _, checked = timed(lambda frame=frame: expected(frame).check())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{len(frame):,} rows, {frame.shape[1]} columns, peak {peak:.2f} GB in all")
        for name, value in (
            ("report", seconds), ("its rows()", rows), ("expect", checked), ("pandas", simple),
        ):  # fmt: skip
            print(f"  {name}: {value:.2f} CPU s")
        print(f"  {report}\n  {report.duplicates}")


if __name__ == "__main__":
    main()

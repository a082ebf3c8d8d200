"""One customer through the whole pipeline: `CustomerScorer` beside `transform`, answers compared.

Run: python benchmarks/bench_scorer.py [--logs cdnow complete_journey] [--customers 300]

Every part of the pipeline is on: summary, RFM, stage, tier, value with its interval, churn with
reasons, profit of an offer; for the Complete Journey also the next offer with its reason. Prints
milliseconds for one customer: the median and the 99th percentile on the clock, and of the time that
the processor spent (the better of two runs, which other programs disturb less). The first call for
each number of purchases costs more than later ones: nodes of integrals are then kept.
"""

import argparse
import time
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd

import crmkit as ck
from crmkit.churn import RetentionValue
from crmkit.pipelines import CustomerScorer, CustomerValuePipeline

AS_OF = {"cdnow": "1998-03-01", "complete_journey": "2017-12-01"}
OFFER = RetentionValue(offer_cost=10.0, contact_cost=1.0, acceptance=0.3)


def cdnow() -> tuple[ck.EventLog, None]:
    return ck.EventLog(ck.datasets.load_cdnow()), None


def complete_journey() -> tuple[ck.EventLog, pd.DataFrame]:
    journey = ck.datasets.load_complete_journey()
    log = ck.EventLog(
        journey.transactions,
        customer="household_id",
        when="transaction_timestamp",
        amount="sales_value",
        order="basket_id",
        item="product_id",
    )
    return log, journey.products[["product_id", "product_type", "department"]]


def told(log: ck.EventLog, frame: pd.DataFrame) -> dict[str, list[object]]:
    """Events as a service has them: lists of plain values, instants as datetimes."""
    names = dict.fromkeys(log.columns.named().values())
    columns = {name: frame[name].tolist() for name in names}
    columns[log.when] = [moment.to_pydatetime() for moment in frame[log.when]]
    return columns


def milliseconds(work):
    """Time on the clock and of the processor, and the answer."""
    clock, cpu = time.perf_counter(), time.thread_time()
    answer = work()
    return (time.perf_counter() - clock) * 1e3, (time.thread_time() - cpu) * 1e3, answer


def plain(frame: pd.DataFrame) -> dict[str, object]:
    row = frame.iloc[0].to_dict()
    return {k: None if v is None or v != v else v for k, v in row.items()}


def main(name: str, n_customers: int) -> None:
    as_of = AS_OF[name]
    log, items = globals()[name]()
    pipeline = CustomerValuePipeline(offer=OFFER).fit(log, as_of=as_of, items=items)
    scorer, frame = CustomerScorer(pipeline), log.data
    early = frame.loc[frame[log.when] < as_of, log.customer].unique()
    drawn = np.random.default_rng(0).permutation(np.sort(early))[:n_customers]
    groups = dict(iter(frame[frame[log.customer].isin(drawn)].groupby(log.customer)))
    clock, cpu, slow, n_lines, unequal = [], [], [], [], 0
    for place, customer in enumerate(drawn):
        one = groups[customer].reset_index(drop=True)
        events = told(log, one)
        first = milliseconds(lambda events=events: scorer.score(events, as_of=as_of))
        again = milliseconds(lambda events=events: scorer.score(events, as_of=as_of))
        clock += [first[0], again[0]]
        cpu.append(min(first[1], again[1]))
        n_lines.append(len(one))
        if place % 10 == 0:
            alone = replace(log, data=one)
            took = milliseconds(lambda alone=alone: pipeline.transform(alone, as_of=as_of))
            slow.append(took[1])
            unequal += plain(took[2]) != first[2]
    every = milliseconds(lambda: pipeline.transform(log, as_of=as_of))
    n_all = len(every[2])
    low, high = np.quantile(clock, [0.5, 0.99])
    print(f"{name}: {len(drawn)} customers with {np.median(n_lines):.0f} lines (median)")
    print(f"  CustomerScorer.score        median {low:7.2f} ms, 99 % within {high:7.2f} ms")
    print(f"                              processor {np.median(cpu):7.2f} ms (median)")
    print(f"  transform, one customer     processor {np.median(slow):7.2f} ms (median)")
    print(f"  transform, all {n_all:7,}      {every[0] / n_all:7.3f} ms a customer")
    print(f"  rows that differ from transform: {unequal} of {len(slow)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logs", nargs="+", default=list(AS_OF), choices=list(AS_OF))
    parser.add_argument("--customers", type=int, default=300)
    asked = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for each in asked.logs:
            main(each, asked.customers)

"""Who got better, who got worse? Segments of the same customers at two dates, on one scale.

The edges between scores are learnt at the first date and kept for the second. Fitted anew, every
fifth would always hold a fifth of the customers, and a shop that loses its customers would show
the same segments as before. Reads the CDNOW sample, installed with the extra `data`: all its
customers joined within twelve weeks, so that most of them go is no surprise.

Run: python examples/segments_over_time.py
"""

import pandas as pd

import crmkit as ck

BEFORE, AFTER = "1997-10-01", "1998-04-01"


def main() -> None:
    log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    before, after = ck.summarize(log, as_of=BEFORE), ck.summarize(log, as_of=AFTER)

    segmenter = ck.segment.RFMSegmenter().fit(before)  # edges of the first date, kept
    then = pd.Series(segmenter.predict(before), index=before["customer_id"], name=BEFORE)
    now = pd.Series(segmenter.predict(after), index=after["customer_id"], name=AFTER)

    order = [name for name in segmenter.segments_ if name in {*then, *now}]
    sizes = pd.DataFrame({BEFORE: then.value_counts(), AFTER: now.value_counts()})
    print("Customers by segment, on the edges of the first date\n")
    print(sizes.reindex(order).fillna(0).astype(int).to_string())

    moves = pd.crosstab(then, now.reindex(then.index)).reindex(order).dropna(how="all").astype(int)
    print(f"\nWhere the Champions of {BEFORE} are on {AFTER}\n")
    print(moves.loc["Champions"].loc[lambda n: n > 0].sort_values(ascending=False).to_string())

    refitted = ck.segment.RFMSegmenter().fit(after).predict(after)
    kept, anew = (now == "Champions").sum(), (refitted == "Champions").sum()
    print(f"\nChampions on {AFTER}: {kept} on the edges kept, {anew} on edges learnt anew")


if __name__ == "__main__":
    main()

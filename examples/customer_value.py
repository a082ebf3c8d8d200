"""What is each customer worth within a year? From a log of purchases to a table of values.

Reads the CDNOW sample (2,357 customers of a shop for music), which is installed with the extra
`data`, and prints what the segments bring, the most valuable customers, and whether the forecast
held on data that the model had not seen. Replace `load_cdnow` by your own frame and name its
columns: crmkit.EventLog(frame, customer=..., when=..., amount=...).

Run: python examples/customer_value.py
"""

import crmkit as ck


def main() -> None:
    log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    print("What is in the log\n", log.report(), sep="\n")

    pipeline = ck.pipelines.CustomerValuePipeline(unit="W")
    customers = pipeline.fit_transform(log, as_of="1998-07-01")

    segments = ck.segment.segment_summary(customers, customers["segment"], value="clv")
    columns = ["segment", "n_customers", "revenue", "share_of_revenue"]
    expected = segments[columns].rename(columns={"revenue": "value", "share_of_revenue": "share"})
    print("\nValue expected within a year, by segment\n")
    print(expected.round(2).to_string(index=False))

    columns = ["customer_id", "segment", "n_orders", "expected_purchases", "expected_spend", "clv"]
    print("\nThe five most valuable customers\n")
    print(customers.nsmallest(5, "clv_rank")[columns].round(2).to_string(index=False))

    check = ck.pipelines.holdout_report(log, as_of="1997-10-01", horizon="39W")
    print("\nDid the forecast hold on the past?\n", check, sep="\n")


if __name__ == "__main__":
    main()

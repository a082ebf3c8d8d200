"""The report: CPU seconds to write it, its bytes, and milliseconds until a browser shows it.

Run: python benchmarks/bench_report.py [--customers 100000] [--picture docs/_static/report.png]

The page is written from the customers of a made-up shop, valued by the pipeline without churn and
offers, whose sections do not grow with the customers. `--picture` saves two parts of a page that is
there already (``--page crmkit-demo/cdnow/report.html``). A headless Chromium is needed for
the time to open and for the picture; the driver is that of the tests of the page.
"""

import argparse
import io
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from tests.browser._chromium import chromium, why_not

import crmkit as ck
from crmkit.report import MovementContent, ReportContent, build_report

OPENED = """(() => { const n = performance.getEntriesByType('navigation')[0];
  return [n.domContentLoadedEventEnd, n.loadEventEnd]; })()"""


def shop(n_customers: int) -> ck.EventLog:
    """Purchases of customers who buy at their own rate and spend, over two years."""
    draw = np.random.default_rng(0)
    n = 1 + draw.poisson(draw.gamma(0.8, 4.0, n_customers))
    who = np.repeat(np.arange(n_customers), n)
    first = draw.uniform(0, 700, n_customers)
    day = first[who] + draw.uniform(0, 1, len(who)) * (730 - first[who])
    amount = draw.gamma(4.0, 1.0, len(who)) * draw.gamma(6.0, 2.0, n_customers)[who]
    when = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.floor(day), "D")
    return ck.EventLog(pd.DataFrame({"customer_id": who, "timestamp": when, "amount": amount}))


def opened(page: Path, times: int = 5) -> tuple[float, float]:
    """Median milliseconds until the page is read and until its pictures are shown."""
    taken = []
    with chromium() as browser:
        browser.look(1200)
        for _ in range(times):
            browser.open(page)
            taken.append(browser.run(OPENED))
    read, shown = np.median(taken, axis=0)
    return float(read), float(shown)


def measured(n_customers: int, folder: Path) -> None:
    """Write and open the report of so many customers."""
    log = shop(n_customers)
    pipeline = ck.pipelines.CustomerValuePipeline(churn=None, recommender=None)
    begun = time.process_time()
    customers = pipeline.fit_transform(log)
    valued = time.process_time()
    content = ReportContent.from_pipeline(
        pipeline, log, customers, movement=MovementContent.from_log(pipeline.stager_, log)
    )
    gathered = time.process_time()
    page = build_report(content, folder / "report.html")
    written = time.process_time()
    build_report(content, folder / "report.json")
    print(f"{len(customers):,} customers, {log.facts.n_rows:,} purchases; CPU seconds:")
    print(f"  values {valued - begun:.1f}, intervals and movement {gathered - valued:.1f}")
    print(f"  page {written - gathered:.1f} for {page.stat().st_size:,} bytes")
    print(f"  JSON {time.process_time() - written:.1f}")
    if why_not():
        print(f"  not opened: {why_not()}")
        return
    read, shown = opened(page)
    print(f"  opened: read after {read:.0f} ms, all pictures after {shown:.0f} ms (median of 5)")


def pictured(page: Path, picture: Path, section: str = "value") -> None:
    """Save two parts of a page beside each other: its first screen, and from a section on."""
    from PIL import Image

    with chromium() as browser:
        browser.look(1120)
        browser.open(page)
        begins = [0, browser.run(f"document.getElementById('{section}').offsetTop") - 20]
        shots = []
        for y in begins:
            place = {"x": 0, "y": y, "width": 1105, "height": 1530, "scale": 0.64}
            shots.append(browser.shot(clip=place, captureBeyondViewport=True))
    parts = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    whole = Image.new("RGB", (sum(part.width for part in parts), parts[0].height))
    whole.paste(parts[0], (0, 0))
    whole.paste(parts[1], (parts[0].width, 0))
    whole.quantize(64).save(picture, optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--picture", type=Path)
    asked = parser.parse_args()
    if asked.picture is not None and asked.page is not None:
        pictured(asked.page, asked.picture)
    else:
        with tempfile.TemporaryDirectory() as made:
            measured(asked.customers, Path(made))

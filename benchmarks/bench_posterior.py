"""Posterior of BG/NBD on the CDNOW sample: crmkit's draws against NUTS of pymc-marketing.

    python benchmarks/bench_posterior.py [--draws 2000] [--peer path/to/python]

pymc-marketing pins older libraries, so it runs under an interpreter of its own environment, named
by `--peer` (`python -m venv peer && peer/bin/pip install pymc-marketing`); without it only crmkit
runs. The time of the peer is that of its `fit` alone: import and compilation of its first use are
printed apart.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import crmkit as ck
from crmkit.clv import BetaGeoModel

PEER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import pandas as pd
start = time.perf_counter()
import arviz
from pymc_marketing import clv
out = {"import": time.perf_counter() - start}
data = pd.read_csv(sys.argv[1])
for name in ("first fit", "second fit"):
    start = time.perf_counter()
    model = clv.BetaGeoModel(data=data)
    model.fit(method="mcmc", draws=int(sys.argv[2]) // 2, tune=1000, chains=2, cores=2,
              progressbar=False, random_seed=0)
    out[name] = time.perf_counter() - start
posterior = model.idata.posterior
names = ["r", "alpha", "a", "b"]
out["mean"] = {n: float(posterior[n].mean()) for n in names}
out["sd"] = {n: float(posterior[n].std()) for n in names}
ess = arviz.ess(model.idata, var_names=names)
out["ess"] = {n: float(ess[n]) for n in names}
print(json.dumps(out))
"""


def main(draws: int, peer: str | None, rounds: int = 5) -> None:
    log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    customers = ck.summarize(log, as_of="1997-10-01", unit="W")
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        posterior = BetaGeoModel().fit(customers).posterior(draws)
        seconds.append(time.perf_counter() - start)
    print(f"{len(customers):,} customers, {draws:,} draws, fit included, best of {rounds}")
    ours = min(seconds)
    print(f"crmkit          {ours:8.3f} s  effective {posterior.effective_sample_size:,.0f}")
    print(posterior.summary().round(4).to_string())
    if peer is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder, "customers.csv"), Path(folder, "peer.py")
        customers[["customer_id", "frequency", "recency", "T"]].to_csv(table, index=False)
        script.write_text(PEER)
        done = subprocess.run(
            [peer, str(script), str(table), str(draws)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    theirs = json.loads(done.stdout.splitlines()[-1])
    print(json.dumps(theirs, indent=1))
    worst = min(theirs["ess"].values())
    print(f"pymc-marketing  {theirs['second fit']:8.1f} s  effective {worst:,.0f} (worst one)")
    print(f"ratio of times  {theirs['second fit'] / ours:8.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--peer")
    args = parser.parse_args()
    main(args.draws, args.peer)

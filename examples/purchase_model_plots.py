"""Does the purchase model fit my customers? A gallery of the pictures that answer it.

Reads the CDNOW sample (2,357 customers of a shop for music), which is installed with the extra
`data`, fits the first 39 weeks, and draws each picture into a PNG file of the folder that is
named, or of a new one. How to read them: the guide page "Does the model fit my customers?".

Run: python examples/purchase_model_plots.py pictures
"""

import sys
import tempfile
from pathlib import Path

from matplotlib.figure import Figure

import crmkit as ck
from crmkit import plotting

AS_OF, HORIZON = "1997-10-01", "39W"


def main(folder: Path) -> None:
    log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    customers = ck.summarize(log, AS_OF, "W")
    model = ck.clv.BetaGeoModel().fit(customers)
    spend = ck.clv.GammaGammaModel().fit(customers)
    check = ck.pipelines.holdout_report(log, AS_OF, HORIZON, purchases=ck.clv.BetaGeoModel())
    forecast = model.predict(customers, HORIZON)
    ends = model.predict_interval(customers, HORIZON)
    value = ck.clv.CustomerLifetimeValue(horizon="52W").fit(customers).predict(customers)
    pictures = {
        "calibration": lambda ax: plotting.plot_calibration_frequency(model, customers, ax=ax),
        "tracking": lambda ax: plotting.plot_tracking(model, log, AS_OF, ax=ax),
        "by_week": lambda ax: plotting.plot_tracking(model, log, AS_OF, cumulative=False, ax=ax),
        "by_frequency": lambda ax: plotting.plot_conditional_expectations(check, ax=ax),
        "by_silence": lambda ax: plotting.plot_conditional_expectations(
            check, "silence", names=["BetaGeoModel"], ax=ax
        ),
        "intervals": lambda ax: plotting.plot_intervals(forecast, ends, actual=check.actual, ax=ax),
        "spend": lambda ax: plotting.plot_spend_density(spend, customers, ax=ax),
        "alive": lambda ax: plotting.plot_probability_alive(model, T="39W", ax=ax),
        "to_come": lambda ax: plotting.plot_expected_purchases(model, HORIZON, T="39W", ax=ax),
        "one_customer": lambda ax: plotting.plot_alive_path(model, log, "04203", ax=ax),
        "parameters": lambda ax: plotting.plot_posterior(
            model.posterior(500, random_state=0), estimates=model.params_, ax=ax
        ),
        "value": lambda ax: plotting.plot_concentration(value, ax=ax),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in pictures.items():
        figure = Figure(figsize=(7.0, 4.2), layout="constrained")
        ax = draw(figure.add_subplot())
        figure.savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {ax.get_title(loc='left')}")
    print(f"\n{len(pictures)} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="crmkit-")))

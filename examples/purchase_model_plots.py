"""
Does the purchase model fit my customers?
=========================================

The pictures that answer it. Reads the CDNOW sample (2,357 customers of a shop for music), which is
installed with the extra ``data``, fits the first 39 weeks, and looks at what the model has seen and
at what it has not. How to read them in detail: the guide page "Does the model fit my customers?".

As a script it draws its pictures into PNG files of the folder that is named, or of a new one::

    python examples/purchase_model_plots.py pictures
"""

import sys
import tempfile
from pathlib import Path

from matplotlib import pyplot as plt

import crmkit as ck
from crmkit import plotting

AS_OF, HORIZON, AGE = "1997-10-01", "39W", "39W"
CUSTOMER = "04203"
DRAWS = 500

# sphinx_gallery_thumbnail_path = "_static/gallery/purchase_model_plots.png"


def picture(name):
    """Axes of a new figure of that name."""
    return plt.figure(name, figsize=(7.0, 4.2), layout="constrained").add_subplot()


# %%
# Does it describe the past?
# --------------------------
# Bars are customers, dots what the model expects. A good fit here promises little: the model has
# seen these very numbers.
log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
customers = ck.summarize(log, AS_OF, "W")
model = ck.clv.BetaGeoModel().fit(customers)
print(model.summary().round(3).to_string())
ax = plotting.plot_calibration_frequency(model, customers, ax=picture("calibration"))

# %%
# Does it keep pace?
# ------------------
# Right of the dotted line the model has seen nothing. A wave around the line is a season, a drift
# away from it a model of the wrong shape.
ax = plotting.plot_tracking(model, log, AS_OF, ax=picture("tracking"))
ax = plotting.plot_tracking(model, log, AS_OF, cumulative=False, ax=picture("by_week"))

# %%
# Is it right for whom?
# ---------------------
# A total can be right because two errors cancel. So customers are grouped by what was known of
# them, by earlier frequency and by silence, and what came is set beside what was expected.
check = ck.pipelines.holdout_report(log, AS_OF, HORIZON, purchases=ck.clv.BetaGeoModel())
ax = plotting.plot_conditional_expectations(check, ax=picture("by_frequency"))
ax = plotting.plot_conditional_expectations(
    check, "silence", names=["BetaGeoModel"], ax=picture("by_silence")
)

# %%
# How sure is one forecast?
# -------------------------
# What a single customer will do is a range, and the range should hold as often as it says.
forecast = model.predict(customers, HORIZON)
ends = model.predict_interval(customers, HORIZON)
ax = plotting.plot_intervals(forecast, ends, actual=check.actual, ax=picture("intervals"))

# %%
# Does the spend fit?
# -------------------
spend = ck.clv.GammaGammaModel().fit(customers)
ax = plotting.plot_spend_density(spend, customers, ax=picture("spend"))

# %%
# What does the model say?
# ------------------------
# Who is alive, and what is to come, for every customer there could be; and one customer through
# time.
ax = plotting.plot_probability_alive(model, T=AGE, ax=picture("alive"))
ax = plotting.plot_expected_purchases(model, HORIZON, T=AGE, ax=picture("to_come"))
ax = plotting.plot_alive_path(model, log, CUSTOMER, ax=picture("one_customer"))

# %%
# How sure are the parameters, and who holds the value?
# -----------------------------------------------------
posterior = model.posterior(DRAWS, random_state=0)
ax = plotting.plot_posterior(posterior, estimates=model.params_, ax=picture("parameters"))
value = ck.clv.CustomerLifetimeValue(horizon="52W").fit(customers).predict(customers)
ax = plotting.plot_concentration(value, ax=picture("value"))

# %%
# Run as a script, it keeps the pictures.
if plt.get_fignums():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in plt.get_figlabels():
        plt.figure(name).savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {plt.gca().get_title(loc='left')}")
    print(f"{len(plt.get_fignums())} pictures in {folder}")

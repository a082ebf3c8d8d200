"""How many more of those who leave are found than by simple rules: the test, from the top down."""

from crmkit import plotting
from crmkit.churn import ChurnReport
from crmkit.metrics import lift_table
from crmkit.report._document import Picture, Table
from crmkit.report._figures import draw
from crmkit.report._numbers import Told, between, decimals, percent, plural, whole

SHARES = (0.05, 0.1, 0.2, 0.3)
READ = 0.2  # share that is read aloud


def forecasts(check: ChurnReport) -> list[str]:
    """The recipe first, then every simple rule."""
    return [check.models[0], *check.baselines]


def caught(check: ChurnReport, name: str, share: float) -> tuple[float, float]:
    """Share of those who left among the riskiest, and how many times the share of all that is."""
    found = lift_table(
        check.y, check.probabilities[name], shares=[share], n_resamples=2, random_state=0
    )
    return float(found["gain"].iloc[0]), float(found["lift"].iloc[0])


def told(check: ChurnReport) -> list[str]:
    """Read one share aloud, beside the best simple rule in it."""
    gains = {name: caught(check, name, READ)[0] for name in forecasts(check)}
    model, *rules = gains
    if not rules:
        return []
    rival = max(rules, key=gains.__getitem__)
    n = round(READ * len(check.y))
    return [
        f"Whoever calls the riskiest {percent(READ)} ({plural(n, 'customer')} of the test) reaches "
        f"{percent(gains[model])} of those who then left; by the best simple rule in this "
        f"(“{rival}”) it would have been {percent(gains[rival])}, without any order "
        f"{percent(READ)}."
    ]


def table(check: ChurnReport) -> Table:
    """Lift of the recipe with its interval, and of every simple rule, by share of customers."""
    model, *rules = forecasts(check)
    own = lift_table(
        check.y,
        check.probabilities[model],
        shares=SHARES,
        groups=check.groups,
        level=check.level,
        random_state=0,
    )
    rows: list[list[str]] = []
    for share, line in zip(SHARES, own.to_dict("records"), strict=True):
        ends = between(decimals(line["lift_lower"]), decimals(line["lift_upper"]))
        others = [Told(t := decimals(caught(check, n, share)[1]), t.value, "times") for n in rules]
        rows.append(
            [
                percent(share),
                whole(line["n_customers"]),
                percent(line["gain"]),
                decimals(line["lift"], unit="times"),
                Told(ends, ends.value, "times"),
                *others,
            ]
        )
    head = [
        "riskiest",
        "customers",
        "of those who left",
        "lift",
        f"{percent(check.level)} interval",
    ]
    head += [f"lift of {name}" for name in rules]
    caption = "Lift: how many times as many who left as among as many customers without any order"
    return Table(caption, head, rows)


def picture(check: ChurnReport) -> Picture:
    """Draw which part of those who left the riskiest hold, beside the best simple rule."""
    model, *rules = forecasts(check)
    best = max(rules, key=lambda name: caught(check, name, READ)[0]) if rules else None
    shown = {name: check.probabilities[name] for name in (model, best) if name is not None}
    alt = (
        "Curve: customers from the riskiest down to the right, the share of those who left that "
        f"they hold upwards. The riskiest {percent(READ)} hold "
        + " and ".join(f"{percent(caught(check, n, READ)[0])} by {n}" for n in shown)
        + ". The figures are in the table below."
    )
    caption = (
        "The higher the curve, the fewer customers have to be called to reach most of those who "
        "would leave. Bands: what chance in the customers alone allows."
    )
    return draw(plotting.plot_gain, check.y, shown, alt=alt, caption=caption, height=4.4)

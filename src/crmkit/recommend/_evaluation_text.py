"""An evaluation as text: when and on whom, the tables, verdicts, what to be careful about."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from crmkit.recommend._evaluation import Comparison, Evaluation

HEADINGS = {
    "ndcg": "NDCG",
    "recall": "recall",
    "hit_rate": "hit rate",
    "revenue_recall": "revenue",
    "coverage": "coverage",
    "popularity_percentile": "popularity",
}
QUESTIONS = {
    "new items": "New items: never bought before by the customer, who has bought something",
    "all purchases": "All purchases of customers who had bought before, new items or not",
    "repeat purchases": "Repeat purchases: only what the customer had bought before",
    "cold: among themselves": "Cold items (all their purchases taken away), among themselves",
    "cold: whole catalogue": "Cold items (all their purchases taken away), in the whole catalogue",
}
GROUPS = {
    "history ": "New items by the number of items known of a customer",
    "told ": "New items of customers held out whole, by the number of items they have told",
}
FEW = 100  # customers: differences below this are hardly ever clear


def told(found: "Evaluation") -> str:
    """The whole evaluation as text."""
    parts = [heading(found), candidates(found), rules(found)]
    done: set[str] = set()
    for name, comparison in found.comparisons.items():
        prefix = next((start for start in GROUPS if name.startswith(start)), None)
        if prefix is None:
            parts.append(section(name, comparison, found))
        elif prefix not in done:
            parts.append(group(prefix, found))
            done.add(prefix)
    parts.append(wrapped(CAUTION))
    return "\n\n".join(parts)


CAUTION = (
    "Read with care: what customers would have bought anyway counts as a hit, intervals know the "
    "luck of who is in the data and not that of the season, and only an A/B test tells what an "
    "offer changes."
)


def wrapped(text: str, indent: str = "") -> str:
    """Text in lines that fit a terminal."""
    return textwrap.fill(text, 92, subsequent_indent=indent, break_on_hyphens=False)


def heading(found: "Evaluation") -> str:
    """When, and how it was judged."""
    dates = ", ".join(f"{cut:%Y-%m-%d}" for cut in found.cutoffs)
    n = len(found.cutoffs)
    return wrapped(
        f"Lists of {found.n} at {n} cut-off{'s' if n > 1 else ''} ({dates}), judged by the "
        f"purchases of the {found.horizon} days after each. Every recommender was fitted anew on "
        "what was known before, and asked for the same customers."
    )


def candidates(found: "Evaluation") -> str:
    """What might be offered, and what was to be foretold."""
    counts, sizes = found.counts, ", ".join(f"{n:,}" for n in found.n_candidates)
    pairs = max(counts["pairs"], 1)
    return wrapped(
        f"Candidates: the items sold before the cut-off ({sizes}), the same for all. To be "
        f"foretold: {counts['pairs']:,} pairs of customer and item, of which "
        f"{counts['again'] / pairs:.0%} had been bought before by the same customer and "
        f"{counts['unseen']:,} ({counts['unseen'] / pairs:.0%}) are of items that nobody had "
        f"bought before: these are in no table. {counts['strangers']:,} customers had never bought "
        "before."
    )


def rules(found: "Evaluation") -> str:
    """What was tuned for the simple rules."""
    lives = found.half_lives
    if not any(life.tuned for life in lives):
        return wrapped(
            "Simple rules (in brackets): the past is too short to tune their half-lives; 30 days "
            "for recent popularity, 60 for buying again."
        )
    return wrapped(
        "Simple rules (in brackets), their half-lives in days tuned on the window before each "
        f"cut-off: recent popularity {days([life.recent_new for life in lives])} (new items) and "
        f"{days([life.recent_all for life in lives])} (all purchases), buying again "
        f"{days([life.again for life in lives])}."
    )


def days(values: "list[float | None]") -> str:
    """Half-lives as text."""
    return ", ".join("none" if value is None else f"{value:g}" for value in values)


def section(name: str, comparison: "Comparison", found: "Evaluation") -> str:
    """One table and its verdicts."""
    table = comparison.table
    n, rows = table["n_customers"].iloc[0], table["n_lists"].iloc[0]
    lists = f"{rows:,} lists" if rows != n else "one list each"
    simple = brackets(comparison)
    shown = pd.DataFrame(index=[f"({n})" if n in simple else n for n in table.index])
    for column, title in HEADINGS.items():
        if column in table:
            form = "{:.0%}".format if column in ("coverage", "popularity_percentile") else number
            shown[title] = ["" if np.isnan(v) else form(v) for v in table[column]]
    title = wrapped(f"{QUESTIONS[name]} ({n:,} customers, {lists})")
    lines = [title, shown.to_string(), *verdicts(comparison, found)]
    if n < FEW:
        lines.append(f"Few customers ({n}): no difference but a large one is clear.")
    return "\n".join(lines)


def group(prefix: str, found: "Evaluation") -> str:
    """NDCG of the tables of a group, a column each, with the verdicts as marks."""
    tables = {
        name.removeprefix(prefix): comparison
        for name, comparison in found.comparisons.items()
        if name.startswith(prefix)
    }
    first = next(iter(tables.values()))
    simple = brackets(first)
    shown = pd.DataFrame(index=[f"({n})" if n in simple else n for n in first.names])
    for name, comparison in tables.items():
        table = comparison.table
        title = f"{name} ({table['n_customers'].iloc[0]:,})"
        marks = {"better": " +", "worse": " -"}
        shown[title] = [
            number(float(value)) + marks.get("" if who in simple else verdict, "  ")
            for who, value, verdict in zip(
                table.index, table["ndcg"], table["verdict"], strict=True
            )
        ]
    title = wrapped(
        f"{GROUPS[prefix]}: NDCG@{found.n}, customers in brackets; + and - are better and worse "
        "than the best simple rule of the column"
    )
    return f"{title}\n{shown.to_string()}"


def brackets(comparison: "Comparison") -> set[str]:
    """The simple rules among the recommenders."""
    from crmkit.recommend._evaluation import SIMPLE

    return set(comparison.names) & set(SIMPLE)


def number(value: float) -> str:
    """A score with three digits, without the zero before the point."""
    return f"{value:.3f}".replace("0.", ".", 1)


def signed(value: float) -> str:
    """A difference with three digits and its sign."""
    return f"{value:+.3f}".replace("0.", ".", 1)


def verdicts(comparison: "Comparison", found: "Evaluation") -> list[str]:
    """A sentence for every recommender that is no simple rule."""
    table, rule = comparison.table, comparison.against
    base = float(table["ndcg"][rule])
    by_cut = comparison.by_cutoff(found.cutoffs)
    said = []
    for row in table.reset_index().to_dict("records"):
        name = row["recommender"]
        if name in brackets(comparison):
            continue
        if row["ndcg"] == base == 0.0:
            said.append(f"{name} and {rule}: nothing of what they listed was bought.")
            continue
        if row["lower"] == row["upper"] == 0.0:
            said.append(f"{name} scores as {rule} does, customer by customer.")
            continue
        ahead = int((by_cut.loc[name] > by_cut.loc[rule]).sum())
        change = f" ({row['difference'] / base:+.0%})" if base > 0 else ""
        word = {
            "better": "is better than",
            "worse": "is worse than",
            "unclear": "cannot be told from",
        }[row["verdict"]]
        said.append(
            wrapped(
                f"{name} {word} the best simple rule, {rule}: NDCG@{found.n} "
                f"{number(row['ndcg'])} against {number(base)}{change}, {found.level:.0%} interval "
                f"of the difference {signed(row['lower'])} to {signed(row['upper'])}; ahead at "
                f"{ahead} of {by_cut.shape[1]} cut-off{'s' if by_cut.shape[1] > 1 else ''}.",
                "  ",
            )
        )
    return said

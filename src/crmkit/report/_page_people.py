"""The sections on single customers: the best, what they are like, who behaves unlike the others."""

from crmkit.report import _profile, _segment_tables, _tables
from crmkit.report._about import ahead, everybody
from crmkit.report._content import ReportContent
from crmkit.report._document import About, Heading, Section, Text, listed
from crmkit.report._findings import period_of
from crmkit.report._numbers import span
from crmkit.report._profile_content import UnusualContent


def top_section(content: ReportContent, n_top: int) -> Section:
    """The customers of the highest expected value, or revenue where no value is known."""
    table = _tables.customer_table(content, n_top).measured("best_customers")
    blocks = listed(table, Text(expected_notes(content), "note"))
    return Section("top", "The best customers", "Best customers", ahead(content), blocks)


def expected_notes(content: ReportContent) -> list[str]:
    """Say what the columns of what is expected mean; nothing where there are none."""
    if not content.valued:
        return []
    said = (
        "Chance of no purchase: the probability that the customer buys nothing in the next "
        f"{span(content.horizon, content.unit)}. Orders of {period_of(content)} count once among "
        "the expected purchases."
    )
    if content.level is not None:
        said += (
            f" Range: in it the value of a single customer lies with a probability of "
            f"{100 * content.level:.6g}\N{NO-BREAK SPACE}%; the expected value is the mean of it, "
            "and the bare chance of one customer is in it too."
        )
    return [said]


def profile_section(content: ReportContent, n_top: int) -> Section | None:
    """Tags, and cards of the best customers."""
    told = content.profile
    if told is None:
        return None
    tags, cards = _segment_tables.tag_table(told), _segment_tables.card_table(content, told)
    note = (
        "The tags of all customers are in profile.csv where the command made this page, and in the "
        "profile_frame of the profile."
    )
    blocks = listed(
        Text(_profile.introduction(told)),
        None if tags is None else tags.measured("tags"),
        []
        if cards is None
        else [Heading("Cards of the best"), cards.measured("cards"), Text([note], "note")],
    )
    return Section(
        "profile", "What are they like?", "What they are like", everybody(content), blocks
    )


def unusual_section(content: ReportContent, n_top: int) -> Section | None:
    """Who is flagged, and the reasons."""
    unusual = content.unusual
    if unusual is None:
        return None
    reasons = _segment_tables.reason_table(unusual)
    flagged = _segment_tables.unusual_table(unusual, n_top)
    note = (
        "A flag is a question and no verdict: a wholesaler among private customers is unusual too. "
        "Look at the orders before anything is said to the customer."
    )
    blocks = listed(
        Text(_profile.unusual_text(unusual)),
        None if reasons is None or flagged is None else flagged.measured("unusual_customers"),
        [] if reasons is None else [reasons.measured("flags"), Text([note], "note")],
    )
    about = unusual_about(content, unusual)
    title = "Who behaves unlike the others?"
    return Section("unusual", title, "Unusual behaviour", about, blocks)


def unusual_about(content: ReportContent, unusual: UnusualContent) -> About:
    """Those who did anything of late."""
    found = unusual.detector
    if found is None:
        return everybody(content)
    days = _profile.days_of(found.window)
    population = f"{int(found.n_customers_):,} customers who did anything in the {days} before"
    return About(population, content.as_of)

"""The section on what to offer next."""

from crmkit.report import _offers, _tables
from crmkit.report._about import everybody, offers_about
from crmkit.report._content import ReportContent
from crmkit.report._document import Block, Heading, Section, Text, listed
from crmkit.report._offers_content import OffersContent
from crmkit.report._past import untested

OFFERED = (
    "Where no days are told the offer is new to the customer, and its reason worded as for the "
    "customer: it names purchases that speak for the offer; “goes with” means bought by the same "
    "customers."
)
BUNDLED = (
    "Times chance: how much more often both are bought together than if they had nothing to do "
    "with each other. That they are bought together does not mean that a bundle sells more."
)
ANYWAY = (
    "What customers would have bought anyway counts as a hit: only an experiment with a control "
    "group tells what an offer changes. One test of one season: small differences are no proof."
)


def offers_section(content: ReportContent, n_top: int) -> Section | None:
    """Offers, products that belong together, and the test of the offers."""
    offers = content.offers
    if offers is None:
        return None
    blocks = listed(Text(_offers.introduction(content, offers)))
    if offers.recommender is not None:
        blocks += listed(
            _tables.offer_table(content, n_top).measured("offers"),
            Text([OFFERED], "note"),
            bundle_blocks(offers),
            Heading("Are the offers any good?"),
            test_blocks(offers),
        )
    title = "What to offer next?"
    return Section("offers", title, "What to offer", everybody(content), blocks)


def bundle_blocks(offers: OffersContent) -> list[Block]:
    """Products that belong together; nothing where it was not looked at."""
    if offers.bundles is None:
        return []
    table: list[Block] = []
    if offers.bundles:
        table = [_tables.bundle_table(offers).measured("bundles"), Text([BUNDLED], "note")]
    said = Text([_offers.bundles_text(offers)])
    return listed(Heading("Which products belong together?"), said, table)


def test_blocks(offers: OffersContent) -> list[Block]:
    """The test on past data, or why there is none."""
    check = offers.check
    if check is None:
        return [untested(offers.check_note, "how good these offers are")]
    n = int(_offers.checked_table(check)["n_customers"].iloc[0])
    return [
        Text([_offers.measured_on(check), *_offers.verdict(check)]),
        _tables.offer_score_table(check).measured("offer_scores", offers_about(check, n)),
        Text([ANYWAY], "note"),
    ]

"""The section on who is about to leave."""

from crmkit.report import _churn, _churn_lift, _churn_reasons, _figures, _tables
from crmkit.report._about import active, everybody, risk_about
from crmkit.report._churn_content import ChurnContent
from crmkit.report._content import ReportContent
from crmkit.report._document import Block, Heading, Section, Text, listed
from crmkit.report._past import untested

STAKE = (
    "Value at risk: churn risk times expected value. It tells what is at stake, not what can be "
    "saved; the expected value already counts with a chance of leaving."
)
REASONS = (
    "Reasons: what moved the risk most away from that of the average customer, in log-odds. Where "
    "nothing is told that raises it, the average is high itself. Reasons say what the risk was "
    "read from, not what caused it."
)
AUC = (
    "AUC: the chance that one who left was given a higher risk than one who stayed. One test of "
    "one season: small differences are no proof."
)


def churn_section(content: ReportContent, n_top: int) -> Section | None:
    """Tiers of risk, who is at risk and why, whether an offer pays, and the test."""
    churn = content.churn
    if churn is None:
        return None
    if not content.valued:
        said: list[Block] = [Text([_churn.unknown(churn)])]
        about = everybody(content)
        return Section("churn", "Who is about to leave?", "About to leave", about, said)
    learnt = churn.recipe is not None
    blocks = listed(
        Text(_churn.introduction(content, churn)),
        risk_blocks(content, learnt, n_top)
        if content.is_active.any()
        else Text(["Nobody is active."]),
        Heading("Does it pay to make them an offer?"),
        Text(_churn.offer_text(content, churn)),
        [Heading("Is the risk any good?"), *test_blocks(churn)] if learnt else [],
    )
    return Section("churn", "Who is about to leave?", "About to leave", active(content), blocks)


def risk_blocks(content: ReportContent, learnt: bool, n_top: int) -> list[Block]:
    """How many are at which risk, who they are, and why."""
    reasons = _churn_reasons.reason_table(content) if learnt else None
    likely = bool(_churn.likely_to_leave(content).any())
    return listed(
        _figures.tier_picture(content),
        _tables.tier_table(content).measured("risk_tiers"),
        Text([STAKE], "note"),
        []
        if reasons is None
        else [
            Heading("Why are they at risk?" if likely else "What was their risk read from?"),
            Text(_churn_reasons.told(content)),
            reasons.measured("risk_reasons"),
        ],
        Heading("The most valuable of those at risk" if likely else "Where most value is at risk"),
        _tables.risk_table(content, n_top).measured("customers_at_risk"),
        Text([REASONS] if learnt else [], "note"),
    )


def test_blocks(churn: ChurnContent) -> list[Block]:
    """The test on past data, or why there is none."""
    check = churn.check
    if check is None:
        return [untested(churn.check_note, "how right this risk is")]
    about = risk_about(check)
    return listed(
        Text([_churn.measured_on(check), *_churn.verdict(check)]),
        _figures.risk_check_picture(check),
        _tables.risk_score_table(check).measured("risk_scores", about),
        Text([AUC], "note"),
        Heading("How much better than simple rules?"),
        Text(_churn_lift.told(check)),
        _churn_lift.picture(check),
        _churn_lift.table(check).measured("risk_lift", about),
    )

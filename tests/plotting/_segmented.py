"""One result for each picture of segments, for what all pictures share."""

from crmkit import plotting
from crmkit.segment import (
    BehaviourSegmenter,
    CustomerProfile,
    LifecycleStager,
    UnusualBehaviour,
    ValueTiers,
    describe_customers,
    drivers,
    segment_stability,
)
from tests.plotting._moved import cohorts, moved
from tests.segment._behaviour import CUSTOMERS, NUMBERS
from tests.segment._profiled import log_of, shop
from tests.segment.contract import shop as contract_shop

PROFILE_LOG = log_of(shop())
LOG = contract_shop.log_of(contract_shop.lines())
AS_OF = contract_shop.AS_OF

CALLS = [
    (plotting.plot_cohorts, cohorts()),
    (plotting.plot_drivers, drivers(CUSTOMERS, "total_amount")),
    (plotting.plot_lifecycle, LifecycleStager().fit(LOG, as_of=AS_OF)),
    (plotting.plot_lorenz, describe_customers(CUSTOMERS, value="total_amount")),
    (plotting.plot_migration, moved()),
    (plotting.plot_profile, CustomerProfile("kind", "channel", "promo").fit(PROFILE_LOG), "c100"),
    (plotting.plot_segment_flow, moved()),
    (plotting.plot_segment_profile, BehaviourSegmenter(n_segments=4).fit(CUSTOMERS)),
    (plotting.plot_segment_sizes, moved()),
    (
        plotting.plot_segment_stability,
        segment_stability(NUMBERS, [2, 3], segmenter=BehaviourSegmenter(n_resamples=2)),
    ),
    (plotting.plot_tiers, ValueTiers(value="total_amount").fit(CUSTOMERS).describe()),
    (plotting.plot_unusual, UnusualBehaviour().fit(LOG, as_of=AS_OF).predict_frame(LOG, AS_OF)),
]

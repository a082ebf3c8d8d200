"""What each customer is worth: purchases to come, spend per purchase, lifetime value."""

from crmkit.clv._average_spend import AverageSpendModel
from crmkit.clv._beta_geo import BetaGeoModel
from crmkit.clv._beta_geo_beta_binomial import BetaGeoBetaBinomialModel
from crmkit.clv._beta_geo_cnbd import BetaGeoCNBDModel, ModifiedBetaGeoCNBDModel
from crmkit.clv._boosted_value import BoostedLifetimeValue
from crmkit.clv._formulas import acquisition_cost, simple_lifetime_value
from crmkit.clv._gamma_gamma import GammaGammaModel
from crmkit.clv._lifetime_value import CustomerLifetimeValue
from crmkit.clv._modified_beta_geo import ModifiedBetaGeoModel
from crmkit.clv._nbd import NBDModel
from crmkit.clv._pareto_nbd import ParetoNBDModel
from crmkit.clv._posterior import Posterior
from crmkit.clv._programme import programme_roi
from crmkit.clv._shifted_beta_geo import ShiftedBetaGeoModel

__all__ = [
    "AverageSpendModel",
    "BetaGeoBetaBinomialModel",
    "BetaGeoCNBDModel",
    "BetaGeoModel",
    "BoostedLifetimeValue",
    "CustomerLifetimeValue",
    "GammaGammaModel",
    "ModifiedBetaGeoCNBDModel",
    "ModifiedBetaGeoModel",
    "NBDModel",
    "ParetoNBDModel",
    "Posterior",
    "ShiftedBetaGeoModel",
    "acquisition_cost",
    "programme_roi",
    "simple_lifetime_value",
]

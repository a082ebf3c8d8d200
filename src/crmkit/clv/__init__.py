"""What each customer is worth: purchases to come, spend per purchase, lifetime value."""

from crmkit.clv._beta_geo import BetaGeoModel
from crmkit.clv._gamma_gamma import GammaGammaModel
from crmkit.clv._lifetime_value import CustomerLifetimeValue
from crmkit.clv._nbd import NBDModel

__all__ = ["BetaGeoModel", "CustomerLifetimeValue", "GammaGammaModel", "NBDModel"]

"""Every recommender, small enough for the shop of the contract: a new model is one line here."""

from crmkit import recommend

MODELS = [
    recommend.Popularity(half_life="30D"),
    recommend.EASE(regularization=5.0),
]

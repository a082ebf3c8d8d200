"""What to offer next: events in, a long frame of offers per customer out."""

from crmkit.recommend._als import ALS
from crmkit.recommend._bpr import BPR
from crmkit.recommend._buy_again import BuyAgain
from crmkit.recommend._content import ContentRecommender
from crmkit.recommend._ease import EASE
from crmkit.recommend._evaluate import evaluate
from crmkit.recommend._evaluation import Evaluation
from crmkit.recommend._feature_ease import FeatureEASE
from crmkit.recommend._item_knn import ItemKNN
from crmkit.recommend._popularity import Popularity
from crmkit.recommend._pure_svd import PureSVD
from crmkit.recommend._rp3_beta import RP3beta
from crmkit.recommend._user_knn import UserKNN

__all__ = [
    "ALS",
    "BPR",
    "EASE",
    "BuyAgain",
    "ContentRecommender",
    "Evaluation",
    "FeatureEASE",
    "ItemKNN",
    "Popularity",
    "PureSVD",
    "RP3beta",
    "UserKNN",
    "evaluate",
]

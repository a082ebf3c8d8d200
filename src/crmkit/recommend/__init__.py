"""What to offer next: events in, a long frame of offers per customer out."""

from crmkit.recommend._als import ALS
from crmkit.recommend._bpr import BPR
from crmkit.recommend._buy_again import BuyAgain
from crmkit.recommend._calibrated_mix import CalibratedMix
from crmkit.recommend._cold_item_quota import ColdItemQuota
from crmkit.recommend._cold_start import ColdStartRecommender
from crmkit.recommend._content import ContentRecommender
from crmkit.recommend._ease import EASE
from crmkit.recommend._evaluate import evaluate
from crmkit.recommend._evaluation import Evaluation
from crmkit.recommend._feature_ease import FeatureEASE
from crmkit.recommend._hybrid import HybridRecommender
from crmkit.recommend._item_knn import ItemKNN
from crmkit.recommend._long_tail_boost import LongTailBoost
from crmkit.recommend._mapped_factors import MappedFactors
from crmkit.recommend._market_basket import MarketBasket
from crmkit.recommend._mmr import MMR
from crmkit.recommend._popularity import Popularity
from crmkit.recommend._pure_svd import PureSVD
from crmkit.recommend._rank_fusion import RankFusion
from crmkit.recommend._reranked_recommender import RerankedRecommender
from crmkit.recommend._reranker import RerankerChain
from crmkit.recommend._rp3_beta import RP3beta
from crmkit.recommend._sparse_ease import SparseEASE
from crmkit.recommend._switching_hybrid import SwitchingHybrid
from crmkit.recommend._trend import TrendReweighter
from crmkit.recommend._two_stage import TwoStageRecommender
from crmkit.recommend._user_knn import UserKNN
from crmkit.recommend._value_weighting import ValueWeighting
from crmkit.recommend._weighted_hybrid import WeightedHybrid

__all__ = [
    "ALS",
    "BPR",
    "EASE",
    "MMR",
    "BuyAgain",
    "CalibratedMix",
    "ColdItemQuota",
    "ColdStartRecommender",
    "ContentRecommender",
    "Evaluation",
    "FeatureEASE",
    "HybridRecommender",
    "ItemKNN",
    "LongTailBoost",
    "MappedFactors",
    "MarketBasket",
    "Popularity",
    "PureSVD",
    "RP3beta",
    "RankFusion",
    "RerankedRecommender",
    "RerankerChain",
    "SparseEASE",
    "SwitchingHybrid",
    "TrendReweighter",
    "TwoStageRecommender",
    "UserKNN",
    "ValueWeighting",
    "WeightedHybrid",
    "evaluate",
]

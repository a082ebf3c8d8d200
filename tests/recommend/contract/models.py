"""Every recommender, small enough for the shop of the contract: a new model is one line here."""

from crmkit import recommend

MODELS = [
    recommend.Popularity(half_life="30D"),
    recommend.EASE(regularization=5.0),
    recommend.BuyAgain(rhythm=True),
    recommend.ItemKNN(k=5, shrinkage=1.0),
    recommend.ItemKNN(metric="bm25"),
    recommend.UserKNN(k=8, shrinkage=1.0),
    recommend.UserKNN(metric="idf"),
    recommend.ContentRecommender(k=12),
    recommend.FeatureEASE(5.0, feature_weight=20.0),
    recommend.RP3beta(k=5),
    recommend.PureSVD(6),
    recommend.MappedFactors(n_factors=6),
    recommend.ALS(6, 1.0),
    recommend.ALS(6, 1.0, alpha=4.0),
    recommend.ColdStartRecommender(min_buyers=2, share=0.5),
    recommend.MarketBasket(min_support=2, max_fdr=1.0, by="lift", whole_history=True),
    recommend.BPR(6, 0.05),
    recommend.RerankedRecommender(recommend.EASE(5.0), [recommend.MMR(0.0)]),
    recommend.TrendReweighter(recommend.EASE(5.0), horizon="20D"),
    recommend.WeightedHybrid(
        [recommend.EASE(5.0), ("now", recommend.Popularity("14D")), recommend.BuyAgain()],
        n_draws=5,
        horizon="20D",
    ),
    recommend.RankFusion([recommend.ItemKNN(k=5), recommend.UserKNN(k=8), recommend.EASE(5.0)]),
    recommend.SwitchingHybrid([recommend.ItemKNN(k=5), recommend.BuyAgain()], least=(0, 8)),
    recommend.TwoStageRecommender(
        [recommend.EASE(5.0), recommend.Popularity("14D"), recommend.ContentRecommender()],
        horizon="20D",
        n_trees=5,
    ),
    recommend.HybridRecommender("explore", horizon="20D", n_trees=5),
    recommend.HybridRecommender("repeat", horizon="20D", n_trees=5),
    recommend.HybridRecommender("both", horizon="20D", n_trees=5),
    recommend.HybridRecommender("both", share=0.4, horizon="20D", n_trees=0),
    recommend.SparseEASE(6, 5.0),
]

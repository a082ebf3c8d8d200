"""Every segmenter of logs, small enough for the shop of the contract: a model is one line here."""

from crmkit import segment
from crmkit.clv import NBDModel

MODELS = [
    segment.LifecycleStager(),
    segment.LifecycleStager(NBDModel(), period="30D", stages="zh"),
    segment.CustomerProfile(min_evidence=2, confidence=0.7),
    segment.CustomerProfile("quantity", "channel", "order", stager=segment.LifecycleStager()),
    segment.UnusualBehaviour(),
    segment.UnusualBehaviour(0.05, peers="channel", window="60D"),
    segment.UnusualBehaviour(0.02, peers=segment.LifecycleStager()),
    segment.UnusualBehaviour(0.02, peers=segment.RFMSegmenter("cube8")),
]

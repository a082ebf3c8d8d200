"""Every segmenter of logs, small enough for the shop of the contract: a model is one line here."""

from crmkit import segment
from crmkit.clv import NBDModel

MODELS = [
    segment.LifecycleStager(),
    segment.LifecycleStager(NBDModel(), period="30D", stages="zh"),
]

"""Beyond one machine: fitted models over Spark, factors from Spark, duplicates in SQL."""

from crmkit.scale._local_session import local_session
from crmkit.scale._match_records import match_records
from crmkit.scale._predict import predict
from crmkit.scale._recommend import recommend
from crmkit.scale._spark_als import SparkALS
from crmkit.scale._transform import transform

__all__ = ["SparkALS", "local_session", "match_records", "predict", "recommend", "transform"]

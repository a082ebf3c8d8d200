"""The contract that every recommender keeps: add a model to `MODELS` in models.py, one line."""

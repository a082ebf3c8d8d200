"""The contract that every segmenter of logs keeps: add a model to `MODELS` in models.py, a line."""

"""Who customers are: records of one person found, normalised and put together."""

"""Which value of the records of an entity is right: rules, choice and where each value is from."""

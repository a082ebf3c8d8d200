"""Contracts that every estimator of a kind keeps; each test file runs them on its own models."""

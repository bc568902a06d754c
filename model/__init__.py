"""Reads crops, trains and loads networks, predicts and evaluates."""

"""The service: the model over HTTP, with pictures of many requests classified together."""

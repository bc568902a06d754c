"""The service: the model over HTTP, with pictures of many requests classified together.

Imports model and what is below; each module with routes says so in its name.
"""

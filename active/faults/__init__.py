"""Faults of a data set: what cannot be read, is there twice, shows too little or may be labelled wrong.

A check is one module, named in `check_catalogue`. May import suspects, choosing and store.
"""

"""The formats that labels go out and come in by, a module each; `label_catalogue` lists them.

May import store.
"""

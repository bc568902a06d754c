"""The catalogue of toolkits: one file each, which says between two +++ lines what it needs and what it can show.

Each runs in a process of its own, with an interpreter that has the toolkit. A new file is a new toolkit.
"""

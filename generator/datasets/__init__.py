"""Makes whole data sets: workers that render shards, exams, checks and previews of families, a crop drawn again.

The top of the generator: it may import all other rooms.
"""

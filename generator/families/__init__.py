"""What the templates declare: families of widgets, lineages of libraries, and the themes and words they are drawn in.

Imports base alone.
"""

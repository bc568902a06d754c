"""From a file's bytes to the RGB pixels that a person would see, whatever format, depth and colours it has.

Imports base alone.
"""

"""Tables of pictures from anywhere: rows that are kept in a journal until all are known, and written in any format.

What a row holds, others say. May import streaming and what is below.
"""

"""Pictures that a query of a database names or holds, and the table that predictions are written back to.

May import tables, reading and what is below. SQLAlchemy is loaded when a database is opened.
"""

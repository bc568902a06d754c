"""The routes of the service: those that take pictures, and those that tell how it is.

May import the rest of the service; `app` alone puts routes into an application.
"""

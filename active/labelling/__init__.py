"""The terminal labeller: screen, keys, pictures, and a person's sitting at the queue.

May import store.
"""

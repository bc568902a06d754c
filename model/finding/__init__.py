"""Finding the widgets on a screenshot and reading the state of each.

A finder says where widgets may be, and the network that reads crops what each is and shows. No torch is loaded.
"""

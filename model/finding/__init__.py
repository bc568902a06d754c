"""Finding the widgets on a screenshot and reading the state of each."""

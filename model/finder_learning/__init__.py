"""Training the network that finds widgets, on screenshots whose widgets are known."""

"""One addition of each kind to boxwright, a module each, so that nothing loads what it does not need."""

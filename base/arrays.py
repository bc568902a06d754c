"""Kinds of arrays, each with one meaning: what the numbers are, and how exact they are."""

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""Pictures in bytes: RGB of one (H, W, 3), several on one canvas (N, H, W, 3), or rows and pixels cut out of them."""

Colours = npt.NDArray[np.uint32]
"""Pixels as a number each: red, green and blue in the three lower bytes, and 255 in the last."""

Thumbnails = npt.NDArray[np.uint8]
"""(N, P), pictures in grey and so small that two of them are compared cell by cell."""

Levels = npt.NDArray[np.int16]
"""Channel levels as numbers that may be subtracted from one another, where `Pixels` would wrap around."""

Mask = npt.NDArray[np.bool_]
"""Yes or no for each of what is counted along the axes."""

Indices = npt.NDArray[np.intp]
"""Which of some sequence each one is: a row, a group, a fold, a cluster."""

Tallies = npt.NDArray[np.intp]
"""How many of each there are."""

Labels = npt.NDArray[np.int64]
"""(N,), the index of each picture's class, or of what else it is known to be."""

Hashes = npt.NDArray[np.uint64]
"""(N,), a fingerprint each, compared bit by bit."""

Floats = npt.NDArray[np.float32]
"""What networks take and give, and what is measured on pictures."""

Doubles = npt.NDArray[np.float64]
"""What statistics are computed in."""

Reals = npt.NDArray[np.floating]
"""Either of `Floats` and `Doubles`: for what computes in the exactness that it is given."""

Probabilities = npt.NDArray[np.float64]
"""(N, C), a row a picture; rows sum to 1."""

Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""Colours as a file has them, (H, W) where grey, else (H, W, 3); from black, 0, to the type's largest number, white."""

Darkness = npt.NDArray[np.float64]
"""An icon as drawn, black on white: (ICON_PX, ICON_PX), 0 to 1."""

Light = npt.NDArray[np.float64]
"""Linear light, from 0 to 1 where the screen's white is."""

Opacity = npt.NDArray[np.uint8]
"""(height, width); 0 is nothing to be seen, 255 all of it."""

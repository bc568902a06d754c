"""What a request brings: the pictures in its body, or the reason why it is refused.

`bodies` reads a body within its limits, `small_forms` takes apart the usual ones at once, and `base64_text` undoes what
JSON carries pictures in.
"""

"""The words that icons' names are made of: styles, shapes and states, and those that leave it open what is meant."""

FILLS = frozenset((
    "outline", "outlined", "fill", "filled", "solid", "line", "linear", "regular", "baseline", "big", "alt", "o",
    "stroke", "standard",
))  # fmt: skip
"""Words for how a drawing is filled; a widget's two states may differ in them."""

STYLES = FILLS | frozenset((
    "bold", "light", "thin", "duotone", "twotone", "two", "tone", "broken", "rounded", "round", "sharp", "variant",
    "duo", "bulk", "medium", "small", "large", "mini", "micro", "ios", "android", "md", "fa", "fas", "far", "12", "16",
    "20", "24", "28", "32", "48", "64",
))  # fmt: skip
"""Words for how a whole family of icons is drawn."""

ON = frozenset(("check", "checked", "checkmark", "check2", "mark", "marked", "tick", "ticked", "on", "selected"))
TICKS = ON - {"on", "selected"}
OFF = frozenset(("blank", "unchecked", "uncheck", "empty", "off", "unselected"))
MIXED_WORDS = frozenset(
    ("indeterminate", "intermediate", "undeterminate", "minus", "dash", "subtract", "partial", "mixed")
)
PLAIN_MIXED = frozenset(("minus", "dash", "subtract"))
SHAPES = frozenset((
    "square", "circle", "box", "rectangle", "rect", "ellipse", "oval", "rhombus", "diamond", "hexagon", "pentagon",
    "octagon", "heptagon", "triangle", "polygon", "squircle", "disc", "disk", "ring", "dot", "shape", "lens",
))  # fmt: skip
SHAPE_WORDS = SHAPES | STYLES | frozenset((
    "half", "dashed", "dotted", "dash", "slice", "notch", "double", "opacity", "full", "expand", "wavy", "off", "slash",
    "crop", "din", "vertical", "horizontal", "top", "bottom", "left", "right", "black", "white", "red", "green", "blue",
    "yellow", "orange", "purple", "brown", "hollow", "centre", "center", "quarter", "quarters", "three", "four", "five",
    "six", "one", "hole", "border", "all", "outer", "1", "3", "4", "5", "6", "7", "8", "9", "0",
))  # fmt: skip
"""A name of nothing but these is a plain shape, which may be a widget that is off, or on."""

SIGNS = frozenset((
    "x", "xmark", "cross", "close", "closed", "times", "cancel", "minus", "dash", "subtract", "remove", "delete",
    "multiply", "error", "clear",
))  # fmt: skip
"""Marks that say on in some designs and off in others where they stand in a box."""

FRAMES = frozenset((
    "square", "circle", "box", "disc", "disk", "ring", "octagon", "hexagon", "rhombus", "diamond", "shield", "badge",
    "button",
))  # fmt: skip
STATE_STEMS = (
    "check", "tick", "verif", "valid", "approv", "confirm", "complet", "accept", "agree", "toggl", "switch", "select",
    "todo", "task", "done", "radio", "indeterminate", "consent", "vote", "ballot", "poll", "quiz", "grading", "attend",
    "available", "resolve", "success", "pass", "correct", "okay", "certif", "guarantee", "warrant", "turned", "rule",
    "survey", "questionnaire", "swatch", "heart", "love", "star", "favo", "bookmark", "thumb", "like", "upvote",
    "downvote", "bell", "notif", "alarm", "lock", "unlock", "padlock", "eye", "visib", "hidden", "hide", "show",
    "preview", "power", "mic", "bulb", "lamp", "mute", "unmute", "slash", "disab", "enab", "inactive", "active",
    "slider", "stop", "record", "target", "bullseye", "focus", "marked", "eyes", "ok", "yes", "on", "off", "trip",
    "fiber", "panorama", "adjust", "maximi", "minimi", "album", "pinned", "unpin", "grade", "beenhere", "recommend",
    "mark", "standby", "led", "light", "torch", "flashlight", "moderator", "enrol", "rsvp", "subscrib", "follow",
    "concentric",
    "signed", "authoriz", "authenticat", "secure", "trust",
)  # fmt: skip
"""What a word of an ambiguous name begins with: it may mean a state, or be drawn with a tick, a dot or a switch.

The catalogue's icons (hearts, stars, bells, locks, eyes …) are on and off too, filled or not.
"""

SHORT_STEMS = frozenset((
    "ok", "yes", "on", "off", "led", "like", "star", "bell", "lock", "eye", "mic", "mark", "love", "pass", "show",
    "hide", "stop", "light", "lamp", "rule",
))  # fmt: skip
"""Of these the whole word must be meant: offices and eyebrows are no states."""

LIT_WORDS = frozenset((
    "sun", "moon", "leaf", "drop", "droplet", "fire", "flame", "paw", "crown", "smile", "music", "note", "camera",
    "video", "film", "pin", "bolt", "lightning", "coffee", "cloud", "shield", "snow", "snowflake", "wifi", "bluetooth",
    "airplane", "plane", "car", "volume", "speaker", "sound", "headphones", "cast", "signal", "flag", "play", "pause",
    "flash", "zap", "brightness", "battery", "plug", "location", "map",
))  # fmt: skip
"""Pictures that are drawn filled when on and in outline when off, among icons of one colour."""

TICK_BEARERS = frozenset(("user", "person", "people", "account", "cart", "basket", "cloud", "truck", "home", "house"))
"""Pictures that are no widget though a tick stands beside them."""

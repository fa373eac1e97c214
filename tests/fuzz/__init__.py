"""Hostile bytes for everything that reads what a stranger sent, and hostile requests to all of it.

`make fuzz` searches; pytest repeats.
"""

# Smaller than they are shipped, so that a second holds many tries.
LIMITS = {
    "NST_MAX_PIXELS": "1000000",
    "NST_DECODE_SECONDS": "2",
    "NST_MAX_VIDEO_PIXELS": "250000",
}

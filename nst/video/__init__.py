"""Videos: reading, styling frame after frame without flicker, and writing with time and sound kept."""

"""The studio page: one file a panel, its layout and its callbacks together."""

"""Peers that paint the same picture in their own environment, and how they are judged."""

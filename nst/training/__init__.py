"""A network of one's own for a single painting (Johnson, Alahi and Fei-Fei 2016, arXiv 1603.08155)."""

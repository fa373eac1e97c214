"""What is painted in a moment: previews and cameras, by fast networks here or in another process."""

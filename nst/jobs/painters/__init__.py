"""Who paints, and how: workers in both forms, a job at the easel, and what is taken up again after a fall."""

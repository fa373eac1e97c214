"""What a job is and how it lives: store, files, events, worker, and the studio that joins them."""

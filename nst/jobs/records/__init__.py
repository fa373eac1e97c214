"""What the database remembers: jobs and their logs, pictures, tokens, leases; and how it is asked."""

"""The REST API: one file a resource, one shape of error, no TensorFlow. `server.create_api` makes it."""

"""The REST API: one file a resource, one shape of error, no TensorFlow."""

from nst.api.server import allow_scripts, create_api, serve_page

__all__ = ["allow_scripts", "create_api", "serve_page"]

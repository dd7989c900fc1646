"""The bytes of a medium: read from a path, or from a URL by ranges."""

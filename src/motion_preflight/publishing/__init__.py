"""Puts a file of this machine where the provider can fetch it, and takes it away again."""

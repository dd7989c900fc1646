"""One file a command: options → the functions of the library → output and exit code. No policy."""

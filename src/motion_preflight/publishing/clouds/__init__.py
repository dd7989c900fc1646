"""What the three worlds of object stores have of their own: credentials, addresses, refusals."""

"""What the text of a link alone says: its signature, its expiry, its mistakes, its secrets."""

"""What ffprobe says of a file, one kind of run a module."""

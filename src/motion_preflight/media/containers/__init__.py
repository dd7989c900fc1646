"""What a file's own tables say."""

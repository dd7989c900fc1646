"""The program: its command line, its output and its exit codes."""

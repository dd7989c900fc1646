"""ffprobe, which reads media: how it is found and run, and one module for each kind of run."""

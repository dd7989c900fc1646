"""One file for each command: from options to functions of the library to output and exit code. The
rules of the domain are not here.
"""

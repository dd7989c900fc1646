"""The fuzzer: `engine` runs cases in processes, `corpus` breaks data, `targets` read it."""

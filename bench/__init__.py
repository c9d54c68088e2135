"""Data and measurements: `make bench-data` and `make bench`; see docs/bench.md."""

"""What lessons 8, 10 and 11 and the benchmark measure: timing, the step made faster, libraries, workers."""

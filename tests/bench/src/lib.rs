//! Load and memory, with ratios taken in one run.

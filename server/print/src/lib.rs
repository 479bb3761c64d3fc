//! Paper: the invitation slip and the demo's lab reports as PDF. Pure functions without I/O.

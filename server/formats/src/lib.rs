//! What practices send: bytes in, domain findings out. Pure functions without I/O.

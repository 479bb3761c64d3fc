//! HTTP: extractors, one error map, one file per room.

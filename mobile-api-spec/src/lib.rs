//! Wire types of the API, and the committed OpenAPI document.

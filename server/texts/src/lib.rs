//! Words for people: every sentence the server says, in every language it speaks.

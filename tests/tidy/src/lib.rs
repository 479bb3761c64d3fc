//! The house rules as tests.
//!
//! Rules that the compiler and clippy cannot know are kept here, over the text of the tree. Each rule is a function
//! from a [`tree::Tree`] to the places that break it, and each has a test of its own with text that must be found:
//! a rule that cannot fail proves nothing. The compiled library is empty.

#![cfg_attr(test, expect(clippy::string_slice, reason = "the rules cut texts where they have found something"))]

#[cfg(test)]
mod arrows;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod house;
#[cfg(test)]
mod lexer;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod papers;
#[cfg(test)]
mod shape;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod words;

//! Rebuilds the crate when a migration is added: `embed_migrations!` notices changed files, but not new ones.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}

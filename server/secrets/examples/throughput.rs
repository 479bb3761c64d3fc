//! How fast sealing and opening are: `cargo run --release -p nahraum-secrets --example throughput`. The figures stand in
//! docs/keys.md.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "it measures, and says what it measured")]

use std::time::Instant;

use nahraum_secrets::{Binding, BlobKey, ContentKey, OsRandom, SubjectKey};

const PLACE: Binding<'static> = Binding { purpose: "an example", parts: &[&[7; 16], &[9; 16]] };
const ROUNDS: u32 = 20_000;
const CHUNK: usize = 64 * 1024;

fn main() {
    let (subject, content, blob) =
        (SubjectKey::generate(&OsRandom), ContentKey::generate(&OsRandom), BlobKey::generate(&OsRandom));
    let chunk = vec![7; CHUNK];
    let sealed = blob.seal_chunk(PLACE, 0, true, &chunk);
    let megabytes = f64::from(ROUNDS) * 65_536.0 / 1e6;
    let seconds = measured(|| drop(blob.seal_chunk(PLACE, 0, true, &chunk)));
    println!("seal chunks of 64 KiB   {:>8.0} MB/s", megabytes / seconds);
    let seconds = measured(|| drop(blob.open_chunk(PLACE, 0, true, sealed.clone())));
    println!("open chunks of 64 KiB   {:>8.0} MB/s", megabytes / seconds);
    let text = [b'x'; 200];
    let small = content.seal(PLACE, &text, &OsRandom);
    let seconds = measured(|| drop(content.seal(PLACE, &text, &OsRandom)));
    println!("seal 200 bytes          {:>8.2} µs", seconds * 1e6 / f64::from(ROUNDS));
    let seconds = measured(|| drop(content.open(PLACE, small.clone())));
    println!("open 200 bytes          {:>8.2} µs", seconds * 1e6 / f64::from(ROUNDS));
    let wrapped = subject.wrap(PLACE, &content, &OsRandom);
    let seconds = measured(|| drop(subject.unwrap(PLACE, wrapped.clone())));
    println!("unwrap a content key    {:>8.2} µs", seconds * 1e6 / f64::from(ROUNDS));
}

fn measured(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..ROUNDS).for_each(|_| work());
    start.elapsed().as_secs_f64()
}

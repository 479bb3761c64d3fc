//! A title into the log.
use nahraum_domain::private::Private;

fn main() {
    let title = Private::new(String::from("Befund"));
    println!("{title}");
}

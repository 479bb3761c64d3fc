//! A title into JSON, past the disclosure.
use nahraum_domain::private::Private;

fn main() {
    let title = Private::new(String::from("Befund"));
    let _json = serde_json::to_string(&title);
}

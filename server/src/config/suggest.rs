//! "Did you mean …?": the known name that is nearest to a mistyped one.

/// Below this similarity a suggestion confuses more than it helps.
const NEAR_ENOUGH: f64 = 0.6;

/// The best known name for a mistyped one, if any is near; of several that are as good, the first.
///
/// A name that lacks its section (`bind` for `server.bind`, `NAHRAUM_BIND` for `NAHRAUM_SERVER__BIND`) counts as very
/// near: that is the most frequent mistake.
pub(super) fn suggestion(wrong: &str, known: impl IntoIterator<Item = String>) -> Option<String> {
    known
        .into_iter()
        .map(|name| (nearness(wrong, &name), name))
        .filter(|(nearness, _)| *nearness >= NEAR_ENOUGH)
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, name)| name)
}

fn nearness(wrong: &str, name: &str) -> f64 {
    let last = |text: &str| text.rsplit(['.', '_']).next().unwrap_or_default().to_lowercase();
    let short = |text: &str| {
        let text = text.to_lowercase();
        let text = text.strip_prefix("nahraum_").unwrap_or(&text).to_owned();
        text.rsplit_once("__").or_else(|| text.rsplit_once('.')).map_or(text.clone(), |(_, short)| short.to_owned())
    };
    let whole = strsim::normalized_damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase());
    let part = strsim::normalized_damerau_levenshtein(&short(wrong), &short(name));
    // A little bonus for the same last word separates `smtp_port` from `smtp_host` when one letter is off.
    let bonus = if last(wrong) == last(name) { 0.05 } else { 0.0 };
    whole.max(part - 0.05) + bonus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        let known = ["server.bind", "server.public_url", "mail.smtp_host", "mail.smtp_port", "tls.certificate"];
        for (wrong, right) in [
            ("server.bnid", Some("server.bind")),
            ("bind", Some("server.bind")),
            ("server.publicurl", Some("server.public_url")),
            ("mail.port", Some("mail.smtp_port")),
            ("server.certificate", Some("tls.certificate")),
            ("xyzzy", None),
        ] {
            assert_eq!(suggestion(wrong, known.map(str::to_owned)).as_deref(), right, "{wrong}");
        }
    }

    #[test]
    fn a_variable_without_its_section_is_recognised() {
        let known = ["NAHRAUM_SERVER__BIND", "NAHRAUM_MAIL__FROM", "NAHRAUM_SERVER__PUBLIC_URL"];
        let best = |wrong| suggestion(wrong, known.map(str::to_owned));
        assert_eq!(best("NAHRAUM_BIND").as_deref(), Some("NAHRAUM_SERVER__BIND"));
        assert_eq!(best("NAHRAUM_SERVER_PUBLIC_URL").as_deref(), Some("NAHRAUM_SERVER__PUBLIC_URL"));
    }
}

//! `[about]` and `[apps]`: what a server says of itself to people, apps and operating systems. All of it is public, none is needed.

use jiff::civil::Date;
use nahraum_app::{About, AndroidApp, Shop};
use nahraum_domain::clients::Wanted;

use super::{key::Key, settings::Settings};

/// Who runs the server (§ 5 DDG).
const IMPRINT: Key = Key::text("about.imprint_url", ADDRESS);
/// What it does with data (Art. 13 GDPR).
const PRIVACY: Key = Key::text("about.privacy_url", ADDRESS);
/// How well everybody can use it (BITV 2.0, § 12b BGG).
const ACCESSIBILITY: Key = Key::text("about.accessibility_url", ADDRESS);
/// Where residents ask when they get stuck.
const SUPPORT: Key = Key::text("about.support_url", "an address such as \"https://…\", \"mailto:…\" or \"tel:…\"");
/// Whom to tell of a hole in the server (RFC 9116, 2.5.3).
const SECURITY_CONTACTS: Key =
    Key::list("about.security_contacts", "addresses such as [\"mailto:sicherheit@example.org\"]");
/// Until when that is true (RFC 9116, 2.5.5); at most a year ahead is recommended.
const SECURITY_EXPIRES: Key = Key::text("about.security_expires", DAY);
/// Apps for Android that open this server's addresses and use its passkeys: package, and the SHA-256 of its certificate.
const ANDROID: Key =
    Key::list("apps.android", "entries such as [\"org.example.app=AA:BB:…\"] with 32 bytes in hexadecimal").or("");
/// The same for iPhones: team and bundle.
const IOS: Key = Key::list("apps.ios", "entries such as [\"ABCDE12345.org.example.app\"]").or("");

/// What is wanted of the apps for one system (`GET /v1/client-gate`), and where they are had.
struct ShopKeys {
    min: Key,
    min_from: Key,
    latest: Key,
    min_os: Key,
    store_url: Key,
}

const ANDROID_SHOP: ShopKeys = ShopKeys {
    min: Key::text("apps.android_min_version", VERSION),
    min_from: Key::text("apps.android_min_version_from", DAY),
    latest: Key::text("apps.android_latest_version", VERSION),
    min_os: Key::text("apps.android_min_os", VERSION),
    store_url: Key::text("apps.android_store_url", ADDRESS),
};
const IOS_SHOP: ShopKeys = ShopKeys {
    min: Key::text("apps.ios_min_version", VERSION),
    min_from: Key::text("apps.ios_min_version_from", DAY),
    latest: Key::text("apps.ios_latest_version", VERSION),
    min_os: Key::text("apps.ios_min_os", VERSION),
    store_url: Key::text("apps.ios_store_url", ADDRESS),
};

const VERSION: &str = "up to four numbers with full stops between them, such as \"1.4.0\"";
const DAY: &str = "a day such as \"2027-06-30\"";
const ADDRESS: &str = "an address such as \"https://www.example.org/impressum\"";

pub(super) const KEYS: &[Key] = &[IMPRINT, PRIVACY, ACCESSIBILITY, SUPPORT, SECURITY_CONTACTS, SECURITY_EXPIRES];
pub(super) const APP_KEYS: &[Key] = &[
    ANDROID,
    ANDROID_SHOP.min,
    ANDROID_SHOP.min_from,
    ANDROID_SHOP.latest,
    ANDROID_SHOP.min_os,
    ANDROID_SHOP.store_url,
    IOS,
    IOS_SHOP.min,
    IOS_SHOP.min_from,
    IOS_SHOP.latest,
    IOS_SHOP.min_os,
    IOS_SHOP.store_url,
];

pub(super) fn read(settings: &mut Settings) -> About {
    let page = |text: &str| address(text, &["https://"]);
    let reached = |text: &str| address(text, &["https://", "mailto:", "tel:"]);
    let about = About {
        imprint_url: settings.text(&IMPRINT, page),
        privacy_url: settings.text(&PRIVACY, page),
        accessibility_url: settings.text(&ACCESSIBILITY, page),
        support_url: settings.text(&SUPPORT, reached),
        security_contacts: settings.list(&SECURITY_CONTACTS, reached),
        security_expires: settings.text(&SECURITY_EXPIRES, |text| text.parse::<Date>().ok()),
        android: settings.list(&ANDROID, android),
        ios: settings.list(&IOS, |text| Some(text.to_owned()).filter(|text| is_ios(text))),
        android_shop: shop(settings, &ANDROID_SHOP),
        ios_shop: shop(settings, &IOS_SHOP),
    };
    if about.security_contacts.is_empty() != about.security_expires.is_none() {
        settings.problems.push(String::from(
            "about.security_contacts and about.security_expires belong together: set both, or neither (RFC 9116)",
        ));
    }
    about
}

fn shop(settings: &mut Settings, keys: &ShopKeys) -> Shop {
    let wanted = Wanted {
        min: settings.text(&keys.min, |text| text.parse().ok()),
        min_from: settings.text(&keys.min_from, |text| text.parse().ok()),
        latest: settings.text(&keys.latest, |text| text.parse().ok()),
        min_os: settings.text(&keys.min_os, |text| text.parse().ok()),
    };
    if wanted.latest < wanted.min {
        let (latest, min) = (keys.latest.name, keys.min.name);
        settings
            .problems
            .push(format!("{latest} has to be there and not older than {min}: people would be sent in vain"));
    }
    Shop { wanted, store_url: settings.text(&keys.store_url, |text| address(text, &["https://"])) }
}

/// An address of one of these kinds, on one line.
fn address(text: &str, schemes: &[&str]) -> Option<String> {
    let fits = schemes.iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    Some(text.to_owned())
        .filter(|text| fits && text.len() <= 300 && text.chars().all(|letter| letter.is_ascii_graphic()))
}

fn android(text: &str) -> Option<AndroidApp> {
    let (package, fingerprint) = text.split_once('=')?;
    let bytes: Vec<&str> = fingerprint.split(':').collect();
    let is_byte = |byte: &&str| byte.len() == 2 && byte.chars().all(|c| matches!(c, '0'..='9' | 'A'..='F'));
    let whole = bytes.len() == 32 && bytes.iter().all(is_byte);
    let app = AndroidApp { package: package.to_owned(), fingerprint: fingerprint.to_owned() };
    Some(app).filter(|app| whole && is_name(&app.package))
}

/// Ten letters and digits of the team, a full stop, the name of the bundle.
fn is_ios(text: &str) -> bool {
    text.split_once('.').is_some_and(|(team, bundle)| {
        team.len() == 10 && team.chars().all(|c| c.is_ascii_alphanumeric()) && is_name(bundle)
    })
}

fn is_name(text: &str) -> bool {
    text.contains('.') && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_are_named_as_their_systems_name_them() {
        let fingerprint = ["AB"; 32].join(":");
        let app = android(&format!("org.example.app={fingerprint}")).unwrap();
        assert_eq!((app.package.as_str(), app.fingerprint), ("org.example.app", fingerprint.clone()));
        let wrong = [
            "org.example.app",
            "org.example.app=AB:CD",
            &format!("app={fingerprint}"),
            &format!("a b.c={fingerprint}"),
        ];
        for text in wrong {
            assert!(android(text).is_none(), "{text}");
        }
        assert!(is_ios("ABCDE12345.org.example.app"));
        assert!(!is_ios("org.example.app") && !is_ios("ABCDE12345.app") && !is_ios("ABCDE12345"));
    }

    #[test]
    fn addresses_are_of_the_kinds_that_are_asked_for() {
        let reached = |text| address(text, &["https://", "mailto:", "tel:"]);
        for good in ["https://example.org/x", "mailto:a@example.org", "tel:+4940123"] {
            assert_eq!(reached(good).as_deref(), Some(good));
        }
        for wrong in ["", "https://", "http://example.org", "javascript:alert(1)", "mailto:a b", "mailto:a\nContact: b"]
        {
            assert_eq!(reached(wrong), None, "{wrong}");
        }
    }
}

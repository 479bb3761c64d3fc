//! Room well known: what operating systems and researchers look for at fixed places (RFC 8615).

use serde::Serialize;
use utoipa::ToSchema;

/// The Android apps of a server. A bare list, because that is the form of Digital Asset Links.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetLinks(pub Vec<AssetLink>);

/// What an Android app may do with this server (Digital Asset Links).
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetLink {
    /// Open its addresses, and use its passkeys.
    #[schema(example = json!(["delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"]))]
    pub relation: Vec<String>,
    /// The app.
    pub target: AssetLinkTarget,
}

/// An Android app.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetLinkTarget {
    /// `android_app`.
    #[schema(example = "android_app")]
    pub namespace: String,
    /// The package.
    #[schema(example = "org.example.nahraum")]
    pub package_name: String,
    /// The SHA-256 of the certificates that it may be signed with.
    #[schema(example = json!(["14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5"]))]
    pub sha256_cert_fingerprints: Vec<String>,
}

/// What apps on iPhones may do with this server (Associated Domains).
#[derive(Debug, Serialize, ToSchema)]
pub struct AppleAppSiteAssociation {
    /// Open its addresses.
    pub applinks: AppleAppLinks,
    /// Use its passkeys.
    pub webcredentials: AppleWebCredentials,
}

/// Which addresses open in which app.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppleAppLinks {
    /// All of them in each of the apps.
    pub details: Vec<AppleAppLink>,
}

/// Addresses, and the apps that they open in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppleAppLink {
    /// Team and bundle of each app.
    #[serde(rename = "appIDs")]
    #[schema(example = json!(["ABCDE12345.org.example.nahraum"]))]
    pub app_ids: Vec<String>,
    /// The addresses.
    pub components: Vec<AppleComponent>,
}

/// A part of the addresses.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppleComponent {
    /// A path, with `*` for anything.
    #[serde(rename = "/")]
    #[schema(example = "/*")]
    pub path: String,
}

/// Which apps may use passkeys of this server.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppleWebCredentials {
    /// Team and bundle of each app.
    #[schema(example = json!(["ABCDE12345.org.example.nahraum"]))]
    pub apps: Vec<String>,
}

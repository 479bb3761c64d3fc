//! `nahraum tls …`: what can be asked about the server's own keys.

use clap::Subcommand;

use super::ConfigArgs;

/// What can be done with the keys of the listener.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum TlsCommand {
    /// Show the pins of the active key and of the backup key, for apps that check them.
    ///
    /// SHA-256 of the public keys in base64 (RFC 7469). A renewal that keeps the key keeps its pin.
    Pins(ConfigArgs),
    /// Make the backup key, where tls.backup_key says, and show the pins.
    ///
    /// Keep its private half away from this machine: it takes over when the active key is lost.
    BackupKey(ConfigArgs),
}

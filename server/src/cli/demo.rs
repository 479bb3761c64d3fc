//! `nahraum demo`: how it starts.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use clap::Args;

use super::pair;

/// How the demo starts.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// The port on this machine.
    #[arg(long, default_value_t = DemoArgs::PORT, value_name = "N")]
    pub port: u16,
    /// The folder for the demo's data; nahraum-demo in this folder unless it is given.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Begin anew, even if the folder holds an earlier demo.
    #[arg(long)]
    pub fresh: bool,
    /// The address to listen on; only this machine's own (127.0.0.1, ::1) is accepted.
    #[arg(long, default_value_t = DemoArgs::BIND, value_name = "ADDRESS")]
    pub bind: IpAddr,
    /// Set one value of the configuration beside the demo's own, such as push.contact=mailto:me@example.org.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
}

impl DemoArgs {
    const PORT: u16 = 8080;
    const BIND: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// The demo's configuration in this folder, for [`Config::load`]: what it would be, what was asked for, and what it has to be.
    /// File and environment stay out of the demo.
    #[must_use]
    pub(crate) fn overrides(&self, data_dir: &Path) -> Vec<(String, String)> {
        let address = SocketAddr::new(self.bind, self.port);
        let own = |(key, value): (&str, String)| (key.to_owned(), value);
        let usual = [
            ("push.enabled", String::from("true")),
            // reserved for examples (RFC 2606)
            ("push.contact", String::from("https://nahraum.example")),
        ];
        let fixed = [
            ("server.bind", address.to_string()),
            ("server.public_url", format!("http://{address}")),
            ("storage.data_dir", data_dir.to_string_lossy().into_owned()),
            ("log.format", String::from("text")),
            // so that curl is enough to look around
            ("sign_in.bearer", String::from("true")),
            ("sign_in.second_factor", String::from("demo")),
        ];
        usual.map(own).into_iter().chain(self.set.iter().cloned()).chain(fixed.map(own)).collect()
    }
}

impl Default for DemoArgs {
    fn default() -> Self {
        Self { port: Self::PORT, data_dir: None, fresh: false, bind: Self::BIND, set: Vec::new() }
    }
}

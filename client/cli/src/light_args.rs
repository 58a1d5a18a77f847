//! The options of a light client of the command's own.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use ofage_sdk::light::{Live, LiveOptions};

use crate::{args::seconds, failure::Failure, files, output::Output};

/// A light client, in place of trust in a node.
#[derive(Args, Clone)]
pub(crate) struct LightArgs {
    /// Follow the chain as a light client, and believe of nodes what they prove.
    #[arg(long, requires = "spec")]
    pub(crate) light: bool,
    /// The chain's raw specification. It is trusted: have it from whoever runs the chain.
    #[arg(long, value_name = "FILE", requires = "light")]
    spec: Option<PathBuf>,
    /// Address of a node to begin with, besides those of the specification: /ip4/…/tcp/…/p2p/…
    #[arg(long, value_name = "MULTIADDR", requires = "light")]
    boot: Vec<String>,
    /// Longest wait for one answer of the network, such as 90s or 2m.
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "60s", requires = "light")]
    patience: u64,
}

impl LightArgs {
    /// Starts the light client, if one is wanted.
    pub(crate) async fn start(&self, output: &Output) -> Result<Option<Live>, Failure> {
        let Some(path) = self.spec.as_ref().filter(|_| self.light) else {
            return Ok(None);
        };
        let spec = files::read_spec(path)?;
        let options = LiveOptions {
            patience: Duration::from_secs(self.patience),
            ..LiveOptions::default()
        };
        let _bar = output.talk.spinner("starting the light client");
        Ok(Some(Live::start(&spec, &self.boot, options).await?))
    }
}

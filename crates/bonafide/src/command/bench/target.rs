//! The running server that a bench is told of.

use std::path::PathBuf;

use lab::presence::Target;

use crate::output::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Server {
    /// Where the server is found; http only
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// File that holds an API key of the server
    #[arg(long, value_name = "FILE", default_value = "bonafide-data/first-api-key")]
    key_file: PathBuf,
}

impl Server {
    pub(crate) fn target(&self) -> Result<Target, Failure> {
        let key = std::fs::read_to_string(&self.key_file)
            .map_err(|source| Failure::KeyFile { path: self.key_file.clone(), source })?;
        Ok(Target { url: self.url.clone(), key: key.trim().to_owned() })
    }
}

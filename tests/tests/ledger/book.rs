use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A ledger: what is written in it is on the disk before its owner goes on.
pub(crate) struct Book {
    file: File,
    path: PathBuf,
}

impl Book {
    pub(crate) fn open(directory: &Path, name: &str) -> Result<Self> {
        let path = directory.join(format!("{name}.jsonl"));
        let file = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { file, path })
    }

    pub(crate) fn write(&mut self, entry: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_string(entry)?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        Ok(self.file.sync_data()?)
    }

    /// Everything that was written, read back from the disk.
    pub(crate) fn entries<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        let text = fs::read_to_string(&self.path)?;
        text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
    }
}

/// What a device was told by the server, or did for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Deed {
    /// It is about to register: until it is answered, nobody knows which registration counts.
    Registering,
    /// 2.01, or 2.04, or an acknowledgement has come.
    Acknowledged {
        what: Acknowledged,
        /// It was sent again to a server that had been stopped since the first time: when, in milliseconds since
        /// 1970.
        over_stop_ms: Option<u64>,
    },
    /// The server refused what it should have taken.
    Refused { what: String },
    /// A Reset has ended an observation. `known` if a notification of it had been acknowledged before.
    Reset { token: String, known: bool },
    /// A Write or an Execute, with its payload.
    Performed { execute: bool, payload: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Acknowledged {
    /// With the last segment of its location.
    Registration {
        id: String,
    },
    Update,
    Notification {
        token: String,
        message_id: u16,
        sequence: u32,
        path: String,
        payload: String,
    },
    Send {
        payload: String,
    },
}

/// What an operator was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Order {
    /// 202: it will be done, or said why not.
    Accepted { endpoint: String, id: u64, argument: String },
    /// 200: the client has answered with that code.
    Answered { endpoint: String, argument: String, code: String, execute: bool },
    /// How an accepted command ended.
    Over { id: u64, state: console_api::CommandState },
}

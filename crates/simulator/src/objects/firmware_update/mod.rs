mod image;
mod permission;
#[cfg(test)]
mod tests;

use std::time::Duration;

use coap::Instant;
use lwm2m_codec::{Path, Value, registration::LwM2mVersion};
use lwm2m_core::client::{ObjectTree, TreeError};
use serde::Deserialize;

use super::{Values, insert_all, text};
use image::Image;
pub(super) use permission::permission;

/// The Firmware Update object, `/5/0` (LwM2M 1.0 TS App. E.6, 1.2 Core App. E.6).
///
/// It only pretends to install: an [`Image`] says which version it is, and the device is that version afterwards.
pub(crate) struct FirmwareUpdate {
    /// Since object version 1.1 an update can be cancelled.
    since_1_1: bool,
    fault: Option<Fault>,
    state: State,
    result: i64,
    uri: String,
    /// The version that runs.
    installed: String,
    image: Option<Image>,
    next: Option<(Instant, Step)>,
    changed_at: Instant,
}

/// What goes wrong with the next updates, by the Update Result it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fault {
    NotEnoughStorage = 2,
    OutOfMemory = 3,
    ConnectionLost = 4,
    IntegrityCheckFailed = 5,
    UnsupportedPackageType = 6,
    InvalidUri = 7,
    UpdateFailed = 8,
    UnsupportedProtocol = 9,
}

/// State, `/5/0/3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle = 0,
    Downloading = 1,
    Downloaded = 2,
    Updating = 3,
}

/// What happens next by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The image is complete and has been looked at.
    Verified,
    ConnectionLost,
    Installed,
}

/// What the device has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Download {
        uri: String,
    },
    AbandonDownload,
    /// The new version starts.
    Reboot {
        version: String,
    },
}

/// Why a download did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DownloadFailure {
    InvalidUri,
    UnsupportedProtocol,
    ConnectionLost,
    NotEnoughStorage,
}

const PACKAGE: Path = resource(0);
const PACKAGE_URI: Path = resource(1);
const UPDATE: Path = resource(2);
const STATE: Path = resource(3);
const UPDATE_RESULT: Path = resource(5);
const PACKAGE_NAME: Path = resource(6);
const PACKAGE_VERSION: Path = resource(7);
const PROTOCOL_SUPPORT: Path = resource(8);
const DELIVERY_METHOD: Path = resource(9);
const CANCEL: Path = resource(10);
const SEVERITY: Path = resource(11);
const LAST_STATE_CHANGE: Path = resource(12);
const MAXIMUM_DEFER_PERIOD: Path = resource(13);

const SUCCESS: i64 = 1;
const CANCELLED: i64 = 10;

/// How long a device looks at an image, and how long it installs it: long enough to be seen.
const VERIFYING_TAKES: Duration = Duration::from_millis(500);
const INSTALLING_TAKES: Duration = Duration::from_secs(2);

const fn resource(id: u16) -> Path {
    Path::resource(5, 0, id)
}

impl FirmwareUpdate {
    /// The object has the version that belongs to the enabler (1.2 Core App. E).
    pub(crate) fn new(version: LwM2mVersion, installed: &str) -> Self {
        Self {
            since_1_1: version >= LwM2mVersion::V1_2,
            fault: None,
            state: State::Idle,
            result: 0,
            uri: String::new(),
            installed: installed.to_owned(),
            image: None,
            next: None,
            changed_at: Instant::default(),
        }
    }

    pub(crate) fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        insert_all(tree, self.values())?;
        insert_all(
            tree,
            [
                // CoAP, pulled and pushed.
                (PROTOCOL_SUPPORT.child(0).unwrap_or(PROTOCOL_SUPPORT), Value::Integer(0)),
                (DELIVERY_METHOD, Value::Integer(2)),
            ],
        )?;
        tree.insert_executable(UPDATE)?;
        if self.since_1_1 {
            tree.insert_executable(CANCEL)?;
            tree.insert(SEVERITY, Value::Integer(1))?;
            tree.insert(MAXIMUM_DEFER_PERIOD, Value::Unsigned(0))?;
        }
        Ok(())
    }

    pub(crate) fn set_fault(&mut self, fault: Option<Fault>) {
        self.fault = fault;
    }

    pub(crate) fn written(&mut self, now: Instant, path: Path, value: &Value) -> Option<Action> {
        match (path, value) {
            (PACKAGE, Value::Opaque(bytes)) if image::resets(bytes) => self.reset(now),
            (PACKAGE, Value::Opaque(bytes)) => {
                self.uri.clear();
                self.enter(now, State::Downloading, 0);
                self.take(now, Image::read(bytes));
                None
            }
            (PACKAGE_URI, Value::String(uri)) if uri.is_empty() => self.reset(now),
            (PACKAGE_URI, Value::String(uri)) => self.begin_download(now, uri),
            _ => None,
        }
    }

    pub(crate) fn executed(&mut self, now: Instant, path: Path) -> Option<Action> {
        match path {
            UPDATE if self.state == State::Downloaded => {
                self.enter(now, State::Updating, 0);
                self.next = Some((now + INSTALLING_TAKES, Step::Installed));
                None
            }
            CANCEL => {
                let action = self.reset(now);
                self.result = CANCELLED;
                action
            }
            _ => None,
        }
    }

    pub(crate) fn downloaded(&mut self, now: Instant, image: Result<&[u8], DownloadFailure>) {
        if self.state != State::Downloading {
            return;
        }
        match image {
            Ok(bytes) => self.take(now, Image::read(bytes)),
            Err(failure) => self.fail(now, failure.into()),
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.next.map(|(due, _)| due)
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Option<Action> {
        let (due, step) = self.next?;
        if now < due {
            return None;
        }
        self.next = None;
        match (step, self.fault) {
            (Step::Verified, Some(fault)) if fault.strikes_images() => self.fail(now, fault),
            (Step::Verified, _) => self.enter(now, State::Downloaded, 0),
            (Step::ConnectionLost, _) => {
                self.fail(now, Fault::ConnectionLost);
                return Some(Action::AbandonDownload);
            }
            // The image stays, so that the server can try again.
            (Step::Installed, Some(Fault::UpdateFailed)) => {
                self.enter(now, State::Downloaded, Fault::UpdateFailed as i64);
            }
            (Step::Installed, _) => {
                let image = self.image.take();
                self.installed = image.map_or_else(|| self.installed.clone(), |image| image.version);
                self.uri.clear();
                self.enter(now, State::Idle, SUCCESS);
                return Some(Action::Reboot { version: self.installed.clone() });
            }
        }
        None
    }

    /// What can be read, and the package gone: it is write-only and large.
    pub(crate) fn values(&self) -> Values {
        let image = self.image.as_ref().filter(|_| self.state != State::Downloading);
        let mut values = vec![
            (PACKAGE, Value::opaque([])),
            (PACKAGE_URI, text(&self.uri)),
            (STATE, Value::Integer(self.state as i64)),
            (UPDATE_RESULT, Value::Integer(self.result)),
            (PACKAGE_NAME, text(image.map_or("", |image| &image.name))),
            (PACKAGE_VERSION, text(image.map_or("", |image| &image.version))),
        ];
        if self.since_1_1 {
            let seconds = i64::try_from(self.changed_at.as_millis() / 1000).unwrap_or(i64::MAX);
            values.push((LAST_STATE_CHANGE, Value::Time(seconds)));
        }
        values
    }

    fn begin_download(&mut self, now: Instant, uri: &str) -> Option<Action> {
        self.image = None;
        self.uri = uri.to_owned();
        self.enter(now, State::Downloading, 0);
        match self.fault {
            Some(fault @ (Fault::InvalidUri | Fault::UnsupportedProtocol)) => {
                self.fail(now, fault);
                return None;
            }
            Some(Fault::ConnectionLost) => self.lose_connection(now),
            _ => {}
        }
        Some(Action::Download { uri: uri.to_owned() })
    }

    /// The image is here and is looked at next.
    fn take(&mut self, now: Instant, image: Image) {
        self.image = Some(image.after(&self.installed));
        if self.fault == Some(Fault::ConnectionLost) {
            return self.lose_connection(now);
        }
        self.next = Some((now + VERIFYING_TAKES, Step::Verified));
    }

    fn lose_connection(&mut self, now: Instant) {
        self.next = Some((now + VERIFYING_TAKES, Step::ConnectionLost));
    }

    fn fail(&mut self, now: Instant, fault: Fault) {
        self.image = None;
        self.next = None;
        self.enter(now, State::Idle, fault as i64);
    }

    fn reset(&mut self, now: Instant) -> Option<Action> {
        self.image = None;
        self.next = None;
        self.uri.clear();
        let was_downloading = self.state == State::Downloading;
        self.enter(now, State::Idle, 0);
        was_downloading.then_some(Action::AbandonDownload)
    }

    fn enter(&mut self, now: Instant, state: State, result: i64) {
        if self.state != state {
            self.changed_at = now;
        }
        self.state = state;
        self.result = result;
    }
}

impl Fault {
    /// Whether a complete image is refused for it.
    fn strikes_images(self) -> bool {
        matches!(
            self,
            Self::NotEnoughStorage
                | Self::OutOfMemory
                | Self::IntegrityCheckFailed
                | Self::UnsupportedPackageType
        )
    }
}

impl From<DownloadFailure> for Fault {
    fn from(failure: DownloadFailure) -> Self {
        match failure {
            DownloadFailure::InvalidUri => Self::InvalidUri,
            DownloadFailure::UnsupportedProtocol => Self::UnsupportedProtocol,
            DownloadFailure::ConnectionLost => Self::ConnectionLost,
            DownloadFailure::NotEnoughStorage => Self::NotEnoughStorage,
        }
    }
}

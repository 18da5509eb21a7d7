use lwm2m_codec::{
    ContentFormat, Path,
    attributes::{NotificationAttributes, WriteAttributes},
};
use lwm2m_core::server::{Cancellation, Operation, WriteMode};
use serde::{Deserialize, Serialize};

use super::{plain, record};

record!(Operation, OperationForm);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Operation")]
enum OperationForm {
    Read {
        #[serde(with = "plain")]
        path: Path,
        #[serde(with = "plain")]
        accept: Option<ContentFormat>,
    },
    Discover {
        #[serde(with = "plain")]
        path: Path,
        depth: Option<u8>,
    },
    Write {
        #[serde(with = "plain")]
        path: Path,
        #[serde(with = "ModeForm")]
        mode: WriteMode,
        #[serde(with = "plain")]
        content_format: ContentFormat,
        #[serde(with = "plain::bytes")]
        payload: Vec<u8>,
    },
    WriteAttributes {
        #[serde(with = "plain")]
        path: Path,
        #[serde(with = "plain")]
        attributes: WriteAttributes,
    },
    Execute {
        #[serde(with = "plain")]
        path: Path,
        arguments: Option<String>,
    },
    Create {
        #[serde(with = "plain")]
        path: Path,
        #[serde(with = "plain")]
        content_format: ContentFormat,
        #[serde(with = "plain::bytes")]
        payload: Vec<u8>,
    },
    Delete {
        #[serde(with = "plain")]
        path: Path,
    },
    ReadComposite {
        #[serde(with = "plain")]
        paths: Vec<Path>,
        #[serde(with = "plain")]
        content_format: ContentFormat,
        #[serde(with = "plain")]
        accept: Option<ContentFormat>,
    },
    WriteComposite {
        #[serde(with = "plain")]
        content_format: ContentFormat,
        #[serde(with = "plain::bytes")]
        payload: Vec<u8>,
    },
    Observe {
        #[serde(with = "plain")]
        path: Path,
        #[serde(with = "plain")]
        accept: Option<ContentFormat>,
        #[serde(with = "plain")]
        parameters: Option<NotificationAttributes>,
    },
    CancelObservation {
        #[serde(with = "plain")]
        path: Path,
        #[serde(with = "CancellationForm")]
        how: Cancellation,
    },
    ObserveComposite {
        #[serde(with = "plain")]
        paths: Vec<Path>,
        #[serde(with = "plain")]
        content_format: ContentFormat,
        #[serde(with = "plain")]
        accept: Option<ContentFormat>,
        #[serde(with = "plain")]
        parameters: Option<NotificationAttributes>,
    },
    CancelObservationComposite {
        #[serde(with = "plain")]
        paths: Vec<Path>,
        #[serde(with = "CancellationForm")]
        how: Cancellation,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "WriteMode")]
enum ModeForm {
    Replace,
    PartialUpdate,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Cancellation")]
enum CancellationForm {
    Active,
    Passive,
}

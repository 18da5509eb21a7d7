use coap::Instant;
use lwm2m_codec::{ContentFormat, Path};
use lwm2m_core::server::{Delivery, Reported, Source, Subject};
use serde::{Deserialize, Serialize};

use super::{plain, record};

record!(Reported, ReportedForm);
record!(Subject, SubjectForm);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Reported")]
struct ReportedForm {
    endpoint: String,
    #[serde(with = "plain")]
    path: Path,
    #[serde(with = "SourceForm")]
    source: Source,
    #[serde(with = "plain")]
    content_format: Option<ContentFormat>,
    #[serde(with = "plain::bytes")]
    payload: Vec<u8>,
    #[serde(with = "plain")]
    at: Instant,
    sequence: Option<u32>,
    confirmable: bool,
    #[serde(with = "plain")]
    delivery: Option<Delivery>,
    current: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Source")]
enum SourceForm {
    Read,
    Discover,
    Notify,
    Write,
    ReadComposite,
    WriteComposite,
    Send,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Subject")]
struct SubjectForm {
    #[serde(with = "plain")]
    path: Path,
    #[serde(with = "plain")]
    named: Vec<Path>,
}

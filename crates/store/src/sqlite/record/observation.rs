use coap::{Instant, Token};
use lwm2m_codec::{ContentFormat, Path, attributes::NotificationAttributes};
use lwm2m_core::server::{ActiveObservation, ObservationTarget, RegistrationId, WantedObservation};
use serde::{Deserialize, Serialize};

use super::{plain, record};

record!(ObservationTarget, TargetForm);
record!(WantedObservation, WantedForm);
record!(ActiveObservation, ActiveForm);

#[derive(Serialize, Deserialize)]
#[serde(remote = "ObservationTarget")]
enum TargetForm {
    Path(#[serde(with = "plain")] Path),
    Paths(#[serde(with = "plain")] Vec<Path>),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "WantedObservation")]
struct WantedForm {
    #[serde(with = "TargetForm")]
    target: ObservationTarget,
    #[serde(with = "plain")]
    content_format: Option<ContentFormat>,
    #[serde(with = "plain")]
    accept: Option<ContentFormat>,
    #[serde(with = "plain")]
    parameters: Option<NotificationAttributes>,
    #[serde(with = "plain")]
    attributes: NotificationAttributes,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ActiveObservation")]
struct ActiveForm {
    #[serde(with = "plain")]
    token: Token,
    #[serde(with = "plain")]
    registration: RegistrationId,
    #[serde(with = "WantedForm")]
    asked: WantedObservation,
    #[serde(with = "plain")]
    since: Instant,
}

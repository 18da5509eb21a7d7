use serde::{Deserialize, Serialize};

use crate::{SecurityMode, Status};

/// Which clients, in which order: the query of `GET /api/v1/clients` and of the fleet table.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ClientQuery {
    /// Words that all must match. `/3303` and `/3303/1` ask for an Object or an Object Instance; any other word is
    /// looked for in endpoint name, name and tags, a number also among the Object IDs.
    pub text: String,
    pub status: StatusFilter,
    /// Clients that have this Object.
    pub object: Option<u16>,
    /// Binding as announced: `U`, `UQ`.
    pub binding: Option<String>,
    /// `1.0`, `1.1`, `1.2`
    pub version: Option<String>,
    pub security: Option<SecurityMode>,
    pub tag: Option<String>,
    /// Clients with commands that wait to be sent.
    pub queued: bool,
    pub sort: SortBy,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StatusFilter {
    /// Awake or asleep.
    #[default]
    Registered,
    Awake,
    Asleep,
    Expired,
    Deregistered,
    /// Expired or de-registered.
    Departed,
    /// Everyone that is known.
    Any,
}

impl StatusFilter {
    pub fn admits(self, status: Status) -> bool {
        match self {
            Self::Registered => status.is_registered(),
            Self::Awake => status == Status::Awake,
            Self::Asleep => status == Status::Asleep,
            Self::Expired => status == Status::Expired,
            Self::Deregistered => status == Status::Deregistered,
            Self::Departed => !status.is_registered(),
            Self::Any => true,
        }
    }
}

/// Between equals the endpoint name decides, so that rows never jump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    #[default]
    Endpoint,
    Name,
    Status,
    /// Time left until the registration expires.
    Lifetime,
    Binding,
    Version,
    Security,
    /// Number of Objects.
    Objects,
    Observations,
    /// Time of the last message.
    Heard,
    /// Commands that wait to be sent.
    Queued,
}

/// The part of the fleet that is on a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FleetView {
    #[serde(default)]
    pub query: ClientQuery,
    /// Index of the first row wanted.
    #[serde(default)]
    pub offset: u32,
    /// Rows wanted, at most [`FleetView::ROWS`].
    pub limit: u32,
}

impl FleetView {
    /// Beyond, fewer come than were asked for.
    pub const ROWS: u32 = 512;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_found_by_the_filters_that_name_it() {
        let all = [Status::Awake, Status::Asleep, Status::Expired, Status::Deregistered];
        let admitted = |filter: StatusFilter| all.map(|status| filter.admits(status));
        assert_eq!(admitted(StatusFilter::default()), [true, true, false, false]);
        assert_eq!(admitted(StatusFilter::Departed), [false, false, true, true]);
        assert_eq!(admitted(StatusFilter::Any), [true; 4]);
        assert_eq!(admitted(StatusFilter::Asleep), [false, true, false, false]);
    }
}

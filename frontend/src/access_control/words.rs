use std::collections::BTreeMap;

use console_api::{AccessControlDeviceState, AccessControlRunState};
use lwm2m_model::access_control::AccessRights;

use super::{Carried, MAX_ID, Spot, Tile};

/// `R W E`
pub(crate) fn rights_told(rights: AccessRights) -> String {
    let has = |tile: &Tile| matches!(tile, Tile::Right(right) if rights.contains(*right));
    let letters: Vec<&str> = Tile::RIGHTS.iter().filter(|tile| has(tile)).map(|tile| tile.letter()).collect();
    if letters.is_empty() { "no right".to_owned() } else { letters.join(" ") }
}

/// `102 · maintenance`
pub(crate) fn server_told(server: u16, ours: Option<u16>, names: &BTreeMap<u16, String>) -> String {
    match (server, names.get(&server)) {
        (0, _) => "Default (any server)".to_owned(),
        (server, Some(name)) => format!("{server} · {name}"),
        (server, None) if Some(server) == ours => format!("{server} · this server"),
        (server, None) => server.to_string(),
    }
}

pub(crate) fn owner_told(owner: u16) -> String {
    if owner == MAX_ID { "bootstrap".to_owned() } else { owner.to_string() }
}

/// `/3303/0`, and `/3303 create` of what is about the Object itself.
pub(crate) fn target_told(object: u16, instance: u16) -> String {
    if instance == MAX_ID { format!("/{object} create") } else { format!("/{object}/{instance}") }
}

/// What is said of a permission over a place.
pub(crate) fn carried_told(carried: Carried, over: Option<Spot>, target: impl Fn(u16) -> String) -> String {
    let what = carried.tile.name();
    let whom = |server: u16| if server == 0 { "the default".to_owned() } else { format!("server {server}") };
    match (over, carried.from) {
        (Some(Spot::Cell { id, server } | Spot::Tile { id, server, .. }), _) => {
            format!("{what} for {} on {}", whom(server), target(id))
        }
        (Some(Spot::Row(id)), _) => format!("{what} for every server, not the default, on {}", target(id)),
        (Some(Spot::Column(server)), _) => format!("{what} for {} on every row that takes it", whom(server)),
        (Some(Spot::Owner(_) | Spot::Palette(_) | Spot::Nowhere), _) => format!("{what} cannot be put here"),
        (None, Some((id, server))) => format!("Take {what} from {} on {}", whom(server), target(id)),
        (None, None) => format!("{what} goes back"),
    }
}

/// The word in the markup, what people read, and the class that the style sheet knows.
pub(crate) const fn state_word(
    state: AccessControlDeviceState,
) -> (&'static str, &'static str, &'static str) {
    match state {
        AccessControlDeviceState::Waiting => ("waiting", "Waiting", ""),
        AccessControlDeviceState::Working => ("working", "Under way", "on"),
        AccessControlDeviceState::Planned => ("planned", "To be written", "on"),
        AccessControlDeviceState::Unchanged => ("unchanged", "As it should be", ""),
        AccessControlDeviceState::Done => ("done", "Done", "ok"),
        AccessControlDeviceState::Stopped => ("stopped", "Stopped", "bad"),
        AccessControlDeviceState::Impossible => ("impossible", "Cannot be done", "warn"),
    }
}

/// As [`state_word`].
pub(crate) const fn run_state_word(
    state: AccessControlRunState,
) -> (&'static str, &'static str, &'static str) {
    match state {
        AccessControlRunState::Planning => ("planning", "Asking devices", "on"),
        AccessControlRunState::Planned => ("planned", "Dry run", "on"),
        AccessControlRunState::Applying => ("applying", "Writing", "on"),
        AccessControlRunState::Over => ("over", "Over", "ok"),
        AccessControlRunState::Cancelled => ("cancelled", "Cancelled", "warn"),
    }
}

/// Whether nothing more comes of it.
pub(crate) const fn has_ended(state: AccessControlRunState) -> bool {
    matches!(state, AccessControlRunState::Over | AccessControlRunState::Cancelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_targets_have_their_words() {
        let names = [(102, "maintenance".to_owned())].into();
        let told = |server| server_told(server, Some(101), &names);
        assert_eq!(
            [0, 101, 102, 103].map(told),
            ["Default (any server)", "101 · this server", "102 · maintenance", "103"]
        );
        assert_eq!(
            (target_told(3303, 0), target_told(3303, MAX_ID)),
            ("/3303/0".into(), "/3303 create".into())
        );
        assert_eq!((owner_told(101), owner_told(MAX_ID)), ("101".into(), "bootstrap".into()));
        assert_eq!(rights_told(AccessRights::from_bits(7)), "R W E");
        assert_eq!(rights_told(AccessRights::NONE), "no right");
    }

    #[test]
    fn a_permission_says_where_it_is() {
        let read = Carried { tile: Tile::RIGHTS[0], from: Some((3, 102)) };
        let told = |over| carried_told(read, over, |id| format!("/3303/{id}"));
        assert_eq!(told(Some(Spot::Cell { id: 1, server: 103 })), "Read for server 103 on /3303/1");
        assert_eq!(told(Some(Spot::Row(1))), "Read for every server, not the default, on /3303/1");
        assert_eq!(told(Some(Spot::Column(0))), "Read for the default on every row that takes it");
        assert_eq!(told(None), "Take Read from server 102 on /3303/3");
    }
}

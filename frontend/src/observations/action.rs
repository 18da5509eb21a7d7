use console_api::{
    Attributes, Cancellation, ObservationEntry, ObservationState, Operation, OperationRequest,
};

use super::Key;

/// What can be done with observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// One that ended, once more.
    Observe,
    /// Cancels and observes anew: the client forgets what it has of the observation.
    Restart,
    /// A request with Observe 1.
    Cancel,
    /// Reset to the next notification.
    CancelPassively,
}

impl Action {
    pub(crate) const ALL: [Self; 4] = [Self::Observe, Self::Restart, Self::CancelPassively, Self::Cancel];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Observe => "Observe again",
            Self::Restart => "Restart",
            Self::Cancel => "Cancel",
            Self::CancelPassively => "Cancel passively",
        }
    }

    /// What happens, for who does not know.
    pub(crate) const fn hint(self) -> &'static str {
        match self {
            Self::Observe => "Asks the device once more",
            Self::Restart => "Cancels it and observes anew, as it was asked for",
            Self::Cancel => "Asks the device to stop (Observe 1)",
            Self::CancelPassively => "Asks for nothing: the next notification is answered with Reset",
        }
    }

    /// As tests find it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Restart => "restart",
            Self::Cancel => "cancel",
            Self::CancelPassively => "cancel-passively",
        }
    }

    pub(crate) const fn done(self) -> &'static str {
        match self {
            Self::Observe => "begun",
            Self::Restart => "begun anew",
            Self::Cancel => "cancelled",
            Self::CancelPassively => "cancelled passively",
        }
    }

    pub(crate) fn fits(self, state: ObservationState) -> bool {
        match self {
            Self::Observe => state == ObservationState::Ended,
            // What the client has not accepted sends no notification and would not be begun anew.
            Self::Restart | Self::CancelPassively => state == ObservationState::Active,
            Self::Cancel => state != ObservationState::Ended,
        }
    }

    /// The operations that do it, one after the other.
    pub(crate) fn requests(self, entry: &ObservationEntry) -> Vec<OperationRequest> {
        let cancel = |how| OperationRequest { how, ..request(entry, false) };
        let observe = || OperationRequest {
            accept: entry.accept,
            attributes: entry.parameters.clone().map(Attributes::Query),
            ..request(entry, true)
        };
        match self {
            Self::Observe => vec![observe()],
            Self::Restart => vec![cancel(None), observe()],
            Self::Cancel => vec![cancel(None)],
            Self::CancelPassively => vec![cancel(Some(Cancellation::Passive))],
        }
    }
}

fn request(entry: &ObservationEntry, observe: bool) -> OperationRequest {
    let Key { path, paths, .. } = Key::of(entry);
    let operation = match (observe, paths.is_empty()) {
        (true, true) => Operation::Observe,
        (true, false) => Operation::ObserveComposite,
        (false, true) => Operation::CancelObservation,
        (false, false) => Operation::CancelObservationComposite,
    };
    if paths.is_empty() {
        OperationRequest::new(operation, path)
    } else {
        OperationRequest::composite(operation, paths.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    #[test]
    fn an_action_becomes_operations() {
        let mut one = entry("/3303/0/5700", &[]);
        let cancel = OperationRequest::new(Operation::CancelObservation, "/3303/0/5700");
        assert_eq!(Action::Cancel.requests(&one), [cancel.clone()]);
        (one.accept, one.parameters) = (Some(112), Some("pmin=5".to_owned()));
        let anew = OperationRequest {
            accept: Some(112),
            attributes: Some(Attributes::Query("pmin=5".to_owned())),
            ..OperationRequest::new(Operation::Observe, "/3303/0/5700")
        };
        assert_eq!(Action::Restart.requests(&one), [cancel, anew]);
        let several = entry("/", &["/1", "/3/0"]);
        let [passive] = &Action::CancelPassively.requests(&several)[..] else { panic!("one expected") };
        assert_eq!(passive.op, Operation::CancelObservationComposite);
        assert_eq!(
            (passive.how, passive.paths.as_ref().map(Vec::len)),
            (Some(Cancellation::Passive), Some(2))
        );
        assert_eq!(Action::Observe.requests(&several)[0].op, Operation::ObserveComposite);
    }

    #[test]
    fn the_state_decides_what_can_be_done() {
        let fitting = |state| Action::ALL.into_iter().filter(|action| action.fits(state)).collect::<Vec<_>>();
        let active = [Action::Restart, Action::CancelPassively, Action::Cancel];
        assert_eq!(fitting(ObservationState::Active), active);
        assert_eq!(fitting(ObservationState::Pending), [Action::Cancel]);
        assert_eq!(fitting(ObservationState::Waiting), [Action::Cancel]);
        assert_eq!(fitting(ObservationState::Ended), [Action::Observe]);
    }
}

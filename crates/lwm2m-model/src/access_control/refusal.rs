use super::decision::{Decision, Difference, Outcome, ResponseCode};
use super::reason::Reason;

/// The order in which a client looks at a request: of several things that are wrong the first one is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    ForbiddenObject,
    Level,
    ManagementOfAccessControl,
    Instance,
    Right,
    Resource,
    Support,
}

/// Why one target cannot be had.
pub(super) struct Refusal {
    pub(super) stage: Stage,
    pub(super) reason: Reason,
    pub(super) may_differ: Option<Difference>,
}

/// Why one target can be had.
pub(super) struct Permission {
    pub(super) reason: Reason,
    pub(super) may_differ: Option<Difference>,
}

impl Refusal {
    pub(super) const fn new(stage: Stage, reason: Reason) -> Self {
        Self { stage, reason, may_differ: None }
    }

    pub(super) fn decision(self) -> Decision {
        let code = match self.stage {
            Stage::ForbiddenObject | Stage::ManagementOfAccessControl | Stage::Right => {
                ResponseCode::Unauthorized
            }
            Stage::Instance | Stage::Resource => ResponseCode::NotFound,
            Stage::Level | Stage::Support => ResponseCode::MethodNotAllowed,
        };
        Decision {
            outcome: Outcome::Answer(code),
            reason: self.reason,
            allowed: Vec::new(),
            left_out: Vec::new(),
            effects: Vec::new(),
            may_differ: self.may_differ.into_iter().collect(),
        }
    }
}

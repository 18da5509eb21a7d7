use std::fmt;

use lwm2m_codec::attributes::Edge;

/// What makes a notification due. Display says it to an operator.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Trigger {
    /// The answer to the Observe itself.
    First,
    /// Any change counts, since no change-value attribute is in force.
    Changed,
    /// The value crossed `gt`.
    GreaterThan {
        gt: f64,
        rising: bool,
    },
    /// The value crossed `lt`.
    LessThan {
        lt: f64,
        rising: bool,
    },
    /// The value is at least `st` away from the one sent last.
    Step {
        st: f64,
    },
    Edge(Edge),
    /// The value became a number or ceased to be one, which no threshold can tell.
    NotANumber,
    /// Nothing has been sent for `pmax`.
    MaximumPeriod {
        pmax_s: u32,
    },
    /// A resource came to the observed node.
    Appeared,
    /// A resource of the observed node went.
    Disappeared,
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("the observation began"),
            Self::Changed => f.write_str("the value changed"),
            Self::GreaterThan { gt, rising: true } => write!(f, "the value rose above gt={gt}"),
            Self::GreaterThan { gt, rising: false } => write!(f, "the value is no longer above gt={gt}"),
            Self::LessThan { lt, rising: true } => write!(f, "the value is no longer below lt={lt}"),
            Self::LessThan { lt, rising: false } => write!(f, "the value fell below lt={lt}"),
            Self::Step { st } => write!(f, "the value moved by st={st} or more"),
            Self::Edge(Edge::Rising) => f.write_str("the value became true (edge=1)"),
            Self::Edge(Edge::Falling) => f.write_str("the value became false (edge=0)"),
            Self::NotANumber => f.write_str("the value became a number or ceased to be one"),
            Self::MaximumPeriod { pmax_s } => {
                write!(f, "pmax={pmax_s} seconds passed since the last notification")
            }
            Self::Appeared => f.write_str("it is new"),
            Self::Disappeared => f.write_str("it was removed"),
        }
    }
}
